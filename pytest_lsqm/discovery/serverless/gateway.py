"""The HTTP API and the WebSocket API of a service: one each for all its `httpApi` and `websocket` events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.discovery.serverless.cors import HEADERS, METHODS
from pytest_lsqm.discovery.serverless.draft import Cannot, mapping, sequence, text
from pytest_lsqm.discovery.serverless.naming import (
    arn,
    arn_of,
    function_id,
    invocation,
    joined,
    normal,
    of_path,
    of_route,
    ref,
)

if TYPE_CHECKING:
    from pytest_lsqm.discovery.serverless.draft import Draft

HTTP = "HttpApi"
SOCKETS = "WebsocketsApi"

_MILLISECONDS = 30_000


@dataclass
class HttpApi:
    """Gathers the routes of the HTTP API, whose settings follow from them."""

    draft: Draft
    routes: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """What the provider says of the API."""
        return mapping(self.draft.provider.get("httpApi"))

    def event(self, draft: Draft, name: str, given: Any, _: int) -> None:
        """Add the route of an `httpApi` event, and the integration of its function."""
        if self.settings.get("id"):
            raise Cannot("its API is made outside of the service")
        route = _route(given)
        authorization = self._authorization(mapping(given).get("authorizer"))
        integration = f"HttpApiIntegration{normal(name)}"
        self.routes.append(route)
        draft.add(
            integration,
            "AWS::ApiGatewayV2::Integration",
            {
                "ApiId": ref(HTTP),
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": arn_of(function_id(name)),
                "PayloadFormatVersion": str(self.settings.get("payload") or "2.0"),
                "TimeoutInMillis": _MILLISECONDS,
            },
        )
        draft.add(
            f"HttpApiRoute{'Default' if route == '*' else of_path(route)}",
            "AWS::ApiGatewayV2::Route",
            {
                "ApiId": ref(HTTP),
                "RouteKey": "$default" if route == "*" else route,
                "Target": {"Fn::Join": ["/", ["integrations", ref(integration)]]},
                **authorization,
            },
            DependsOn=integration,
        )
        self._permit("HttpApi", name)

    def _permit(self, suffix: str, function: str) -> None:
        self.draft.permit(suffix, function, "apigateway.amazonaws.com", arn("execute-api", ref(HTTP), "/*"))

    def _authorization(self, given: Any) -> dict[str, Any]:
        if not given:
            return {}
        config = {"name": given} if isinstance(given, str) else mapping(given)
        if config.get("type") == "aws_iam":
            return {"AuthorizationType": "AWS_IAM"}
        word = "CUSTOM" if config.get("type") == "request" else "JWT"
        scopes = sequence(config.get("scopes")) or None
        if config.get("id"):
            return {"AuthorizationType": word, "AuthorizerId": config["id"], "AuthorizationScopes": scopes}
        called = text(config.get("name"), "the authorizer's name")
        authorizer = mapping(mapping(self.settings.get("authorizers")).get(called))
        if not authorizer:
            raise Cannot(f"its authorizer {shown(called)} is not among those of the provider")
        word = "CUSTOM" if authorizer.get("type") == "request" else "JWT"
        logical = f"HttpApiAuthorizer{normal(called)}"
        if logical not in self.draft.resources:
            self._authorizer(logical, called, authorizer)
        return {"AuthorizationType": word, "AuthorizerId": ref(logical), "AuthorizationScopes": scopes}

    def _authorizer(self, logical: str, called: str, config: dict[str, Any]) -> None:
        default = "$request.header.Authorization"
        properties: dict[str, Any] = {"ApiId": ref(HTTP), "Name": config.get("name") or called}
        if config.get("type") == "request":
            function, source = config.get("functionName"), config.get("functionArn")
            if not source and function not in self.draft.functions:
                raise Cannot(f"its authorizer {shown(called)} is no function of the service that can be deployed")
            properties |= {
                "AuthorizerType": "REQUEST",
                "EnableSimpleResponses": config.get("enableSimpleResponses"),
                "AuthorizerResultTtlInSeconds": config.get("resultTtlInSeconds"),
                "AuthorizerPayloadFormatVersion": str(config.get("payloadVersion") or "2.0"),
                "AuthorizerUri": invocation(source or arn_of(function_id(str(function)))),
            }
            default_sources = [default] if config.get("resultTtlInSeconds") else []
            properties["IdentitySource"] = sequence(config.get("identitySource")) or default_sources or None
            if not source:
                self._permit("HttpApiAuthorizer", str(function))
        else:
            properties |= {
                "AuthorizerType": "JWT",
                "IdentitySource": sequence(config.get("identitySource")) or [default],
                "JwtConfiguration": {
                    "Audience": sequence(config.get("audience")),
                    "Issuer": config.get("issuerUrl"),
                },
            }
        self.draft.add(logical, "AWS::ApiGatewayV2::Authorizer", properties)

    def end(self) -> None:
        """Add the API and its stage, if there is a route."""
        if not self.routes:
            return
        draft, settings = self.draft, self.settings
        stage, service = draft.stage, draft.service
        default = f"{service}-{stage}" if settings.get("shouldStartNameWithService") else f"{stage}-{service}"
        tags = mapping(draft.provider.get("tags")) or None
        draft.add(
            HTTP,
            "AWS::ApiGatewayV2::Api",
            {
                "Name": settings.get("name") or default,
                "ProtocolType": "HTTP",
                "DisableExecuteApiEndpoint": settings.get("disableDefaultEndpoint"),
                "CorsConfiguration": self._cors(settings.get("cors")),
                "Tags": tags,
            },
        )
        draft.add(
            "HttpApiStage",
            "AWS::ApiGatewayV2::Stage",
            {
                "ApiId": ref(HTTP),
                "StageName": "$default",
                "AutoDeploy": True,
                "DefaultRouteSettings": {"DetailedMetricsEnabled": bool(settings.get("metrics"))},
                "Tags": tags,
            },
        )
        host = ["https://", ref(HTTP), ".execute-api.", ref("AWS::Region"), ".", ref("AWS::URLSuffix")]
        draft.outputs["HttpApiId"] = {"Description": "Id of the HTTP API", "Value": ref(HTTP)}
        draft.outputs["HttpApiUrl"] = {"Description": "URL of the HTTP API", "Value": joined(*host)}

    def _cors(self, given: Any) -> dict[str, Any] | None:
        if not given:
            return None
        config = mapping(given)
        used = [route.split(" ")[0] for route in self.routes if " " in route]
        every = len(used) < len(self.routes) or "ANY" in used
        methods = ["OPTIONS", *(sorted(METHODS - {"ANY", "OPTIONS"}) if every else dict.fromkeys(used))]
        found = {
            "AllowOrigins": sequence(config.get("allowedOrigins")) or ["*"],
            "AllowHeaders": sequence(config.get("allowedHeaders")) or list(HEADERS),
            "AllowMethods": sequence(config.get("allowedMethods")) or methods,
            "AllowCredentials": config.get("allowCredentials"),
            "ExposeHeaders": sequence(config.get("exposedResponseHeaders")) or None,
            "MaxAge": config.get("maxAge"),
        }
        return {key: value for key, value in found.items() if value is not None}


def _route(given: Any) -> str:
    """Return `METHOD /path`, or `*` for whatever no other route takes."""
    if isinstance(given, str):
        method, _, path = given.strip().partition(" ")
        method, path = (method, path) if path else ("*", method)
    else:
        config = mapping(given)
        method, path = str(config.get("method") or "*"), text(config.get("path"), "its path")
    method = "ANY" if method == "*" else method.upper()
    if path == "*":
        return "*"
    if method not in METHODS or not path.startswith("/"):
        raise Cannot(f"{shown(f'{method} {path}')} is no route")
    return f"{method} {path}"


@dataclass
class WebsocketApi:
    """Gathers the routes of the WebSocket API, so that its deployment can wait for all of them."""

    draft: Draft
    routes: list[str] = field(default_factory=list)

    def event(self, draft: Draft, name: str, given: Any, _: int) -> None:
        """Add the route of a `websocket` event, and the integration of its function."""
        config = mapping(given)
        route = text(config.get("route") if config else given, "its route")
        if mapping(draft.provider.get("apiGateway")).get("websocketApiId"):
            raise Cannot("its API is made outside of the service")
        if config.get("authorizer"):
            authorization = self._authorizer(config["authorizer"])
        else:
            authorization = {"AuthorizationType": "NONE"}
        if config.get("routeResponseSelectionExpression"):
            why = "what it answers to its caller is left out"
            draft.lose(f"{name}.websocket", "AWS::ApiGatewayV2::RouteResponse", why)
        integration = f"{normal(name)}WebsocketsIntegration"
        uri = invocation(arn_of(function_id(name)))
        properties = {"ApiId": ref(SOCKETS), "IntegrationType": "AWS_PROXY", "IntegrationUri": uri}
        draft.add(integration, "AWS::ApiGatewayV2::Integration", properties)
        logical = f"{of_route(route)}WebsocketsRoute"
        target = {"Fn::Join": ["/", ["integrations", ref(integration)]]}
        draft.add(
            logical,
            "AWS::ApiGatewayV2::Route",
            {"ApiId": ref(SOCKETS), "RouteKey": route, **authorization, "Target": target},
        )
        draft.permit("Websockets", name, "apigateway.amazonaws.com")
        self.routes.append(logical)

    def _authorizer(self, given: Any) -> dict[str, Any]:
        config = {"name": given} if isinstance(given, str) and ":" not in given else mapping(given)
        if isinstance(given, str) and ":" in given:
            config = {"arn": given, "name": given.rpartition(":")[2]}
        called, source = text(config.get("name"), "the authorizer's name"), config.get("arn")
        if not source and called not in self.draft.functions:
            raise Cannot(f"its authorizer {shown(called)} is no function of the service that can be deployed")
        logical = f"{normal(called)}WebsocketsAuthorizer"
        properties = {
            "ApiId": ref(SOCKETS),
            "Name": called,
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": invocation(source or arn_of(function_id(called))),
            "IdentitySource": sequence(config.get("identitySource")) or ["route.request.header.Auth"],
        }
        self.draft.add(logical, "AWS::ApiGatewayV2::Authorizer", properties)
        if not source:
            self.draft.permit("Websockets", called, "apigateway.amazonaws.com")
        return {"AuthorizationType": "CUSTOM", "AuthorizerId": ref(logical)}

    def end(self) -> None:
        """Add the API with its deployment and stage, if there is a route."""
        if not self.routes:
            return
        draft = self.draft
        provider = draft.provider
        description = provider.get("websocketsDescription") or "Serverless Websockets"
        draft.add(
            SOCKETS,
            "AWS::ApiGatewayV2::Api",
            {
                "Name": provider.get("websocketsApiName") or f"{draft.stage}-{draft.service}-websockets",
                "RouteSelectionExpression": provider.get("websocketsApiRouteSelectionExpression")
                or "$request.body.action",
                "Description": description,
                "ProtocolType": "WEBSOCKET",
            },
        )
        deployed = {"ApiId": ref(SOCKETS), "Description": description}
        draft.add("WebsocketsDeployment", "AWS::ApiGatewayV2::Deployment", deployed, DependsOn=self.routes)
        stage = {**deployed, "StageName": draft.stage, "DeploymentId": ref("WebsocketsDeployment")}
        draft.add("WebsocketsDeploymentStage", "AWS::ApiGatewayV2::Stage", stage)
        draft.allow(
            ["execute-api:ManageConnections"],
            {"Fn::Sub": "arn:${AWS::Partition}:execute-api:*:*:*/@connections/*"},
        )
        host = [ref(SOCKETS), ".execute-api.", ref("AWS::Region"), ".", ref("AWS::URLSuffix"), f"/{draft.stage}"]
        draft.outputs["ServiceEndpointWebsocket"] = {
            "Description": "URL of the service endpoint",
            "Value": joined("wss://", *host),
        }
