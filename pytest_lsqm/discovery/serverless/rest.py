"""The REST API of a service: one for all its `http` events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.discovery.serverless import cors
from pytest_lsqm.discovery.serverless.cors import METHODS
from pytest_lsqm.discovery.serverless.draft import Cannot, mapping, required, sequence, text
from pytest_lsqm.discovery.serverless.naming import (
    arn,
    arn_of,
    function_id,
    invocation,
    joined,
    normal,
    of_path,
    of_source,
    ref,
    upper_first,
)

if TYPE_CHECKING:
    from pytest_lsqm.discovery.serverless.draft import Draft

API = "ApiGatewayRestApi"
DEPLOYMENT = "ApiGatewayDeployment"
STAGE = "ApiGatewayStage"

_PARAMETERS = {"paths": "path", "querystrings": "querystring", "headers": "header"}


@dataclass
class RestApi:
    """Gathers the methods of the API, so that its deployment can wait for all of them."""

    draft: Draft
    methods: list[str] = field(default_factory=list)
    shared: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By path what other origins may do there."""

    def event(self, draft: Draft, name: str, given: Any, _: int) -> None:
        """Add the method of an `http` event."""
        config = _config(given)
        method = text(config.get("method"), "its method").upper()
        path = text(config.get("path") or "/", "its path").strip("/")
        if method not in METHODS:
            raise Cannot(f"{shown(method)} is no method of HTTP")
        kind = config.get("integration") or "lambda-proxy"
        if str(kind).lower().replace("_", "-") not in {"lambda-proxy", "aws-proxy"}:
            raise Cannot(f"its integration {shown(str(kind))} needs templates that the framework writes")
        self._api()
        authorization = self._authorization(name, config.get("authorizer"))
        parameters = self._parameters(name, mapping(config.get("request")))
        logical = f"ApiGatewayMethod{of_path(path)}{method.capitalize()}"
        self.methods.append(logical)
        draft.add(
            logical,
            "AWS::ApiGateway::Method",
            {
                "HttpMethod": method,
                "RequestParameters": parameters,
                "ResourceId": self._resource(path),
                "RestApiId": ref(API),
                "ApiKeyRequired": bool(config.get("private")),
                **authorization,
                "OperationName": config.get("operationId"),
                "Integration": {
                    "IntegrationHttpMethod": "POST",
                    "Type": "AWS_PROXY",
                    "Uri": invocation(arn_of(function_id(name))),
                },
                "MethodResponses": [],
            },
            DependsOn=[f"{normal(name)}LambdaPermissionApiGateway"],
        )
        self._permit(name)
        if config.get("cors"):
            allowed = self.shared.setdefault(path, {"methods": ["OPTIONS"], "given": {}})
            allowed["methods"].append(method)
            allowed["given"].update(mapping(config["cors"]))

    def _permit(self, function: str) -> None:
        source = arn("execute-api", ref(API), "/*/*")
        self.draft.permit("ApiGateway", function, "apigateway.amazonaws.com", source)

    def _api(self) -> None:
        settings = mapping(self.draft.provider.get("apiGateway"))
        if settings.get("restApiId"):
            raise Cannot("its API is made outside of the service")
        if API in self.draft.resources:
            return
        stage, service = self.draft.stage, self.draft.service
        kind = str(self.draft.provider.get("endpointType") or "EDGE").upper()
        default = f"{service}-{stage}" if settings.get("shouldStartNameWithService") else f"{stage}-{service}"
        self.draft.add(
            API,
            "AWS::ApiGateway::RestApi",
            {
                "Name": self.draft.provider.get("apiName") or default,
                "Description": settings.get("description"),
                "EndpointConfiguration": {"Types": [kind]},
                "BinaryMediaTypes": settings.get("binaryMediaTypes"),
                "MinimumCompressionSize": settings.get("minimumCompressionSize"),
                "ApiKeySourceType": settings.get("apiKeySourceType"),
                "DisableExecuteApiEndpoint": settings.get("disableDefaultEndpoint"),
                "Policy": _policy(settings, self.draft.provider),
            },
        )

    def _resource(self, path: str) -> dict[str, Any]:
        """Return the id of a path, whose resources are made from the top down."""
        parent: dict[str, Any] = {"Fn::GetAtt": [API, "RootResourceId"]}
        so_far: list[str] = []
        for part in path.split("/") if path else ():
            so_far.append(part)
            logical = f"ApiGatewayResource{of_path('/'.join(so_far))}"
            if logical not in self.draft.resources:
                properties = {"ParentId": parent, "PathPart": part, "RestApiId": ref(API)}
                self.draft.add(logical, "AWS::ApiGateway::Resource", properties)
            parent = ref(logical)
        return parent

    def _parameters(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("schemas") or request.get("schema"):
            why = "the models that its requests are checked against are left out"
            self.draft.lose(f"{name}.http", "serverless event http schemas", why)
        found = {}
        for key, kind in _PARAMETERS.items():
            for parameter, needed in mapping(mapping(request.get("parameters")).get(key)).items():
                is_needed = needed.get("required", True) if isinstance(needed, dict) else needed
                found[f"method.request.{kind}.{parameter}"] = bool(is_needed)
        return found

    def _authorization(self, name: str, given: Any) -> dict[str, Any]:
        """Return the properties of a method that say who may call it."""
        if not given:
            return {"AuthorizationType": "NONE"}
        config = {"name": given} if isinstance(given, str) and ":" not in given else mapping(given)
        config = {"arn": given} if isinstance(given, str) and ":" in given else config
        kind = str(config.get("type") or "").upper()
        if "AWS_IAM" in {kind, str(config.get("name")).upper()}:
            return {"AuthorizationType": "AWS_IAM"}
        by_users = kind == "COGNITO_USER_POOLS" or ":cognito-idp:" in str(config.get("arn"))
        scopes = {"AuthorizationScopes": config.get("scopes")} if by_users else {}
        word = "COGNITO_USER_POOLS" if by_users else "CUSTOM"
        if given_id := config.get("authorizerId"):
            return {"AuthorizationType": word, "AuthorizerId": given_id, **scopes}
        logical = self._authorizer(name, config, by_users=by_users)
        return {"AuthorizationType": word, "AuthorizerId": ref(logical), **scopes}

    def _authorizer(self, name: str, config: dict[str, Any], *, by_users: bool) -> str:
        source = config.get("arn")
        called = text(config.get("name") or of_source(source or ""), "the authorizer's name")
        logical = f"{normal(called)}ApiGatewayAuthorizer"
        properties: dict[str, Any] = {
            "IdentitySource": config.get("identitySource") or "method.request.header.Authorization",
            "IdentityValidationExpression": config.get("identityValidationExpression"),
            "AuthorizerResultTtlInSeconds": config.get("resultTtlInSeconds"),
            "Name": called,
            "RestApiId": ref(API),
        }
        if by_users:
            properties |= {"Type": "COGNITO_USER_POOLS", "ProviderARNs": [required(source, "which user pool")]}
        else:
            kind = str(config.get("type") or "TOKEN").upper()
            if not source and called not in self.draft.functions:
                raise Cannot(f"its authorizer {shown(called)} is no function of the service that can be deployed")
            properties |= {"Type": kind, "AuthorizerUri": invocation(source or arn_of(function_id(called)))}
            if not source:
                self._permit(called)
        self.draft.add(logical, "AWS::ApiGateway::Authorizer", properties)
        return logical

    def end(self) -> None:
        """Add what stands once in the API: the answers to other origins, its deployment, stage and keys."""
        if not self.methods:
            self.draft.resources.pop(API, None)
            return
        for path, allowed in self.shared.items():
            self._preflight(path, allowed["methods"], allowed["given"])
        draft = self.draft
        draft.add(DEPLOYMENT, "AWS::ApiGateway::Deployment", {"RestApiId": ref(API)}, DependsOn=self.methods)
        # The framework lets the deployment make the stage; as a resource of its own it is the same stage.
        tracing = mapping(draft.provider.get("tracing")).get("apiGateway")
        properties = {
            "RestApiId": ref(API),
            "DeploymentId": ref(DEPLOYMENT),
            "StageName": self._stage(),
            "TracingEnabled": True if tracing else None,
        }
        draft.add(STAGE, "AWS::ApiGateway::Stage", properties)
        host = [ref(API), ".execute-api.", ref("AWS::Region"), ".", ref("AWS::URLSuffix"), f"/{self._stage()}"]
        draft.outputs["ServiceEndpoint"] = {
            "Description": "URL of the service endpoint",
            "Value": joined("https://", *host),
        }
        self._keys()

    def _stage(self) -> str:
        settings = mapping(self.draft.provider.get("apiGateway"))
        return str(settings.get("stage") or self.draft.stage)

    def _preflight(self, path: str, methods: list[str], given: dict[str, Any]) -> None:
        logical = f"ApiGatewayMethod{of_path(path)}Options"
        if logical not in self.methods:
            self.methods.append(logical)
            properties = cors.preflight(methods, given)
            properties |= {"ResourceId": self._resource(path), "RestApiId": ref(API)}
            self.draft.add(logical, "AWS::ApiGateway::Method", properties)

    def _keys(self) -> None:
        draft = self.draft
        settings = mapping(draft.provider.get("apiGateway"))
        keys = sequence(settings.get("apiKeys") or draft.provider.get("apiKeys"))
        plan = settings.get("usagePlan") or draft.provider.get("usagePlan")
        if not keys and not plan:
            return
        if isinstance(plan, list):
            draft.lose(
                "ApiGatewayUsagePlan", "AWS::ApiGateway::UsagePlan", "several plans of one API are left out"
            )
            return
        given = mapping(plan)
        draft.add(
            "ApiGatewayUsagePlan",
            "AWS::ApiGateway::UsagePlan",
            {
                "ApiStages": [{"ApiId": ref(API), "Stage": ref(STAGE)}],
                "Description": f"Usage plan for {draft.service} {draft.stage} stage",
                "UsagePlanName": f"{draft.service}-{draft.stage}",
                "Quota": _capital(given.get("quota")),
                "Throttle": _capital(given.get("throttle")),
            },
        )
        for number, key in enumerate(keys, start=1):
            self._key(number, {"name": key} if isinstance(key, str) else mapping(key))

    def _key(self, number: int, key: dict[str, Any]) -> None:
        words = {"name": "Name", "value": "Value", "description": "Description", "customerId": "CustomerId"}
        properties = {word: key.get(name) for name, word in words.items()}
        stages = [{"RestApiId": ref(API), "StageName": ref(STAGE)}]
        enabled = key.get("enabled", True)
        logical = f"ApiGatewayApiKey{number}"
        kept = {"Enabled": enabled, "StageKeys": stages, **properties}
        self.draft.add(logical, "AWS::ApiGateway::ApiKey", kept)
        linked = {"KeyId": ref(logical), "KeyType": "API_KEY", "UsagePlanId": ref("ApiGatewayUsagePlan")}
        self.draft.add(f"ApiGatewayUsagePlanKey{number}", "AWS::ApiGateway::UsagePlanKey", linked)


def _config(given: Any) -> dict[str, Any]:
    if not isinstance(given, str):
        return mapping(given)
    method, _, path = given.strip().partition(" ")
    return {"method": method, "path": path}


def _capital(given: Any) -> dict[str, Any] | None:
    return {upper_first(key): value for key, value in mapping(given).items()} or None


def _policy(settings: dict[str, Any], provider: dict[str, Any]) -> dict[str, Any] | None:
    statements = settings.get("resourcePolicy") or provider.get("resourcePolicy")
    return {"Version": "2012-10-17", "Statement": statements} if statements else None
