"""The three kinds of APIs that a service may have, and why one of their events is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.discovery.serverless.services import HEAD, lost, names, properties, read, with_event

if TYPE_CHECKING:
    from pathlib import Path

FUNCTION = {"Fn::GetAtt": ["HelloLambdaFunction", "Arn"]}
API = {"Ref": "ApiGatewayRestApi"}


# REST


@pytest.mark.parametrize(
    ("event", "inner"),
    [
        ("http: GET /users/{userId}", "UsersUseridVar"),
        ("http: get users/{userId}/", "UsersUseridVar"),
        ("http: {method: get, path: /users/all-x}", "UsersAllDashx"),
    ],
)
def test_a_path_is_a_resource_for_each_of_its_parts(tmp_path: Path, event: str, inner: str) -> None:
    service = with_event(tmp_path, event)
    made = ["ApiGatewayResourceUsers", f"ApiGatewayResource{inner}"]
    assert names(service, "AWS::ApiGateway::Resource") == made
    assert properties(service, made[1])["ParentId"] == {"Ref": made[0]}
    (method,) = names(service, "AWS::ApiGateway::Method")
    assert method == f"ApiGatewayMethod{inner}Get"
    found = properties(service, method)
    assert (found["HttpMethod"], found["AuthorizationType"], found["ApiKeyRequired"]) == ("GET", "NONE", False)
    assert found["Integration"]["Type"] == "AWS_PROXY"


def test_a_rest_api_is_whole(tmp_path: Path) -> None:
    service = with_event(tmp_path, "http: ANY /")
    assert properties(service, "ApiGatewayRestApi")["Name"] == "dev-shop"
    assert properties(service, "ApiGatewayMethodAny")["ResourceId"] == {
        "Fn::GetAtt": ["ApiGatewayRestApi", "RootResourceId"]
    }
    assert service.template["Resources"]["ApiGatewayDeployment"]["DependsOn"] == ["ApiGatewayMethodAny"]
    assert properties(service, "ApiGatewayStage") == {
        "RestApiId": API,
        "DeploymentId": {"Ref": "ApiGatewayDeployment"},
        "StageName": "dev",
    }
    permission = properties(service, "HelloLambdaPermissionApiGateway")
    assert permission["SourceArn"]["Fn::Join"][1][-2:] == [API, "/*/*"]
    assert "ServiceEndpoint" in service.template["Outputs"]


@pytest.mark.parametrize(
    ("cors", "header", "value"),
    [
        ("true", "Origin", "'*'"),
        ("true", "Methods", "'OPTIONS,POST'"),
        ("{origin: 'https://a.example', headers: [X], allowCredentials: true}", "Origin", "'https://a.example'"),
        ("{origin: 'https://a.example', headers: [X], allowCredentials: true}", "Headers", "'X'"),
        ("{origin: 'https://a.example', headers: [X], allowCredentials: true}", "Credentials", "'true'"),
        ("{origins: ['https://a.example', 'https://b.example']}", "Origin", "'https://a.example'"),
    ],
)
def test_other_origins_are_answered_where_they_are_allowed(
    tmp_path: Path, cors: str, header: str, value: str
) -> None:
    service = with_event(tmp_path, f"http: {{path: a, method: post, cors: {cors}}}")
    found = properties(service, "ApiGatewayMethodAOptions")
    (answer,) = found["Integration"]["IntegrationResponses"]
    assert answer["ResponseParameters"][f"method.response.header.Access-Control-Allow-{header}"] == value
    assert ("b[.]example" in answer["ResponseTemplates"]["application/json"]) == ("origins" in cors)
    waits = service.template["Resources"]["ApiGatewayDeployment"]["DependsOn"]
    assert waits == ["ApiGatewayMethodAPost", "ApiGatewayMethodAOptions"]


def test_parameters_of_a_request_are_named_and_its_models_lost(tmp_path: Path) -> None:
    request = "{parameters: {querystrings: {q: true}, headers: {h: {required: false}}}, schemas: {a: b}}"
    service = with_event(tmp_path, f"http: {{path: a, method: get, request: {request}}}")
    assert properties(service, "ApiGatewayMethodAGet")["RequestParameters"] == {
        "method.request.querystring.q": True,
        "method.request.header.h": False,
    }
    assert lost(service) == {"hello.http": "the models that its requests are checked against are left out"}


@pytest.mark.parametrize(
    ("authorizer", "kind", "expected"),
    [
        ("aws_iam", "AWS_IAM", None),
        ("{type: aws_iam}", "AWS_IAM", None),
        ("hello", "CUSTOM", {"Ref": "HelloApiGatewayAuthorizer"}),
        ("{name: hello, type: request, resultTtlInSeconds: 0}", "CUSTOM", {"Ref": "HelloApiGatewayAuthorizer"}),
        ("'arn:aws:lambda:r:1:function:check'", "CUSTOM", {"Ref": "CheckApiGatewayAuthorizer"}),
        (
            "'arn:aws:cognito-idp:r:1:userpool/r_x'",
            "COGNITO_USER_POOLS",
            {"Ref": "UserpoolrUnderscorexApiGatewayAuthorizer"},
        ),
        ("{type: COGNITO_USER_POOLS, authorizerId: !Ref Given}", "COGNITO_USER_POOLS", {"Ref": "Given"}),
        (
            "{name: pool, type: COGNITO_USER_POOLS, arn: !GetAtt Pool.Arn}",
            "COGNITO_USER_POOLS",
            {"Ref": "PoolApiGatewayAuthorizer"},
        ),
    ],
)
def test_each_authorizer_says_who_may_call(
    tmp_path: Path, authorizer: str, kind: str, expected: dict[str, str] | None
) -> None:
    service = with_event(tmp_path, f"http: {{path: a, method: get, authorizer: {authorizer}}}")
    found = properties(service, "ApiGatewayMethodAGet")
    assert found["AuthorizationType"] == kind
    assert found.get("AuthorizerId") == expected
    made = names(service, "AWS::ApiGateway::Authorizer")
    assert bool(made) == (expected not in (None, {"Ref": "Given"}))
    assert service.lost == ()


def test_keys_and_their_plan_are_made(tmp_path: Path) -> None:
    keys = "apiKeys: [one, {name: two, value: secret}], usagePlan: {quota: {limit: 5}}"
    text = f"{HEAD}  apiGateway: {{{keys}}}\n"
    event = "http: {path: a, method: get, private: true}"
    service = read(tmp_path, f"{text}functions: {{hello: {{handler: handler.run, events: [{event}]}}}}\n")
    assert properties(service, "ApiGatewayMethodAGet")["ApiKeyRequired"] is True
    assert properties(service, "ApiGatewayApiKey2")["Value"] == "secret"
    assert properties(service, "ApiGatewayUsagePlan")["Quota"] == {"Limit": 5}
    assert properties(service, "ApiGatewayUsagePlanKey1")["KeyId"] == {"Ref": "ApiGatewayApiKey1"}


def test_several_plans_of_keys_are_lost(tmp_path: Path) -> None:
    text = f"{HEAD}  apiGateway: {{usagePlan: [{{free: {{}}}}, {{paid: {{}}}}]}}\n"
    service = read(tmp_path, f"{text}functions: {{hello: {{handler: handler.run, events: [http: GET /a]}}}}\n")
    assert lost(service) == {"ApiGatewayUsagePlan": "several plans of one API are left out"}


@pytest.mark.parametrize(
    ("provider", "event", "reason"),
    [
        ("", "{path: a, method: get, integration: lambda}", "its integration lambda needs templates"),
        ("", "{path: a, method: fetch}", "FETCH is no method of HTTP"),
        ("", "{path: a}", "it does not say its method"),
        ("", "{path: a, method: get, authorizer: nobody}", "its authorizer nobody is no function of the service"),
        ("  apiGateway: {restApiId: x}\n", "GET /a", "its API is made outside of the service"),
    ],
)
def test_a_method_that_cannot_be_taken_is_lost_and_the_api_with_the_last_of_them(
    tmp_path: Path, provider: str, event: str, reason: str
) -> None:
    text = f"{HEAD}{provider}functions:\n  hello:\n    handler: handler.run\n    events: [{{http: {event}}}]\n"
    service = read(tmp_path, text)
    assert lost(service)["hello.http"].startswith(reason)
    assert not [name for name in service.template["Resources"] if "ApiGateway" in name]


# HTTP


@pytest.mark.parametrize(
    ("event", "name", "key"),
    [
        ("httpApi: GET /users", "GetUsers", "GET /users"),
        ("httpApi: {method: post, path: '/a/{id}'}", "PostAIdVar", "POST /a/{id}"),
        ("httpApi: {method: '*', path: /a}", "AnyA", "ANY /a"),
        ("httpApi: '*'", "Default", "$default"),
        ("httpApi: {path: '*'}", "Default", "$default"),
    ],
)
def test_a_route_leads_to_its_function(tmp_path: Path, event: str, name: str, key: str) -> None:
    service = with_event(tmp_path, event)
    found = properties(service, f"HttpApiRoute{name}")
    assert found["RouteKey"] == key
    assert found["Target"] == {"Fn::Join": ["/", ["integrations", {"Ref": "HttpApiIntegrationHello"}]]}
    assert properties(service, "HttpApiIntegrationHello")["PayloadFormatVersion"] == "2.0"
    assert properties(service, "HttpApi") == {"Name": "dev-shop", "ProtocolType": "HTTP"}
    assert properties(service, "HttpApiStage")["StageName"] == "$default"
    assert properties(service, "HelloLambdaPermissionHttpApi")["Principal"] == "apigateway.amazonaws.com"
    assert "HttpApiUrl" in service.template["Outputs"]


def http_service(settings: str, event: str) -> str:
    function = f"hello: {{handler: handler.run, events: [{{httpApi: {event}}}]}}"
    return f"{HEAD}  httpApi: {settings}\nfunctions:\n  {function}\n"


@pytest.mark.parametrize(
    ("cors", "methods", "origins"),
    [
        ("true", ["OPTIONS", "GET"], ["*"]),
        ("{allowedOrigins: ['https://a.example'], allowedMethods: [PUT]}", ["PUT"], ["https://a.example"]),
    ],
)
def test_an_http_api_allows_other_origins(
    tmp_path: Path, cors: str, methods: list[str], origins: list[str]
) -> None:
    service = read(tmp_path, http_service(f"{{cors: {cors}}}", "GET /a"))
    found = properties(service, "HttpApi")["CorsConfiguration"]
    assert (found["AllowMethods"], found["AllowOrigins"]) == (methods, origins)


@pytest.mark.parametrize(
    ("authorizer", "given", "kind", "id_"),
    [
        ("{type: aws_iam}", "{}", "AWS_IAM", None),
        ("{id: x1}", "{}", "JWT", "x1"),
        (
            "{name: jwt, scopes: [a]}",
            "{jwt: {issuerUrl: 'https://i.example', audience: [me]}}",
            "JWT",
            {"Ref": "HttpApiAuthorizerJwt"},
        ),
        ("own", "{own: {type: request, functionName: hello}}", "CUSTOM", {"Ref": "HttpApiAuthorizerOwn"}),
    ],
)
def test_each_authorizer_of_a_route_says_who_may_call(
    tmp_path: Path, authorizer: str, given: str, kind: str, id_: object
) -> None:
    event = f"{{method: get, path: /a, authorizer: {authorizer}}}"
    service = read(tmp_path, http_service(f"{{authorizers: {given}}}", event))
    found = properties(service, "HttpApiRouteGetA")
    assert (found["AuthorizationType"], found.get("AuthorizerId")) == (kind, id_)
    assert len(names(service, "AWS::ApiGatewayV2::Authorizer")) == isinstance(id_, dict)


@pytest.mark.parametrize(
    ("settings", "event", "reason"),
    [
        ("{id: theirs}", "GET /a", "its API is made outside of the service"),
        ("{}", "FETCH /a", "FETCH /a is no route"),
        ("{}", "{method: get}", "it does not say its path"),
        ("{}", "{method: get, path: /a, authorizer: x}", "its authorizer x is not among those of the provider"),
        (
            "{authorizers: {x: {type: request, functionName: nobody}}}",
            "{method: get, path: /a, authorizer: x}",
            "its authorizer x is no function of the service that can be deployed",
        ),
    ],
)
def test_a_route_that_cannot_be_taken_is_lost(tmp_path: Path, settings: str, event: str, reason: str) -> None:
    service = read(tmp_path, http_service(settings, event))
    assert lost(service) == {"hello.httpApi": reason}
    assert not [name for name in service.template["Resources"] if "Http" in name]


# WebSocket


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("websocket: $connect", "Sconnect"),
        ("websocket: {route: $default}", "Sdefault"),
        ("websocket: send/it", "sendSlashit"),
    ],
)
def test_a_route_of_sockets_leads_to_its_function(tmp_path: Path, event: str, name: str) -> None:
    service = with_event(tmp_path, event)
    found = properties(service, f"{name}WebsocketsRoute")
    assert found["AuthorizationType"] == "NONE"
    assert properties(service, "WebsocketsApi")["ProtocolType"] == "WEBSOCKET"
    assert properties(service, "WebsocketsDeploymentStage")["DeploymentId"] == {"Ref": "WebsocketsDeployment"}
    waits = service.template["Resources"]["WebsocketsDeployment"]["DependsOn"]
    assert waits == [f"{name}WebsocketsRoute"]
    assert "execute-api:ManageConnections" in str(properties(service, "IamRoleLambdaExecution"))


@pytest.mark.parametrize(
    ("authorizer", "name"), [("hello", "Hello"), ("'arn:aws:lambda:r:1:function:check'", "Check")]
)
def test_a_route_of_sockets_may_have_an_authorizer(tmp_path: Path, authorizer: str, name: str) -> None:
    service = with_event(tmp_path, f"websocket: {{route: $connect, authorizer: {authorizer}}}")
    found = properties(service, "SconnectWebsocketsRoute")
    assert found["AuthorizerId"] == {"Ref": f"{name}WebsocketsAuthorizer"}
    assert properties(service, f"{name}WebsocketsAuthorizer")["IdentitySource"] == ["route.request.header.Auth"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("{authorizer: hello}", "it does not say its route"),
        (
            "{route: x, authorizer: nobody}",
            "its authorizer nobody is no function of the service that can be deployed",
        ),
        ("{route: x, routeResponseSelectionExpression: $default}", "what it answers to its caller is left out"),
    ],
)
def test_what_cannot_be_taken_of_a_route_of_sockets_is_lost(tmp_path: Path, event: str, reason: str) -> None:
    assert lost(with_event(tmp_path, f"websocket: {event}")) == {"hello.websocket": reason}


def test_sockets_of_another_service_are_lost(tmp_path: Path) -> None:
    text = f"{HEAD}  apiGateway: {{websocketApiId: x}}\n"
    event = "events: [{websocket: $connect}]"
    service = read(tmp_path, f"{text}functions: {{hello: {{handler: handler.run, {event}}}}}\n")
    assert lost(service) == {"hello.websocket": "its API is made outside of the service"}
