"""What an API answers to a browser that asks for a page of another origin."""

from __future__ import annotations

from typing import Any

from pytest_lsqm.discovery.serverless.draft import sequence

METHODS = {"GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE", "ANY"}
HEADERS = (
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
)
"""The headers of a request that the framework allows from other origins by default."""


def preflight(methods: list[str], given: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of the OPTIONS method of a path, for the other methods that it has."""
    asked = str(given.get("origin") or "*").split(",")
    origins = sequence(given.get("origins")) or [origin.strip() for origin in asked]
    headers = given.get("headers") or HEADERS
    allowed = sorted(METHODS - {"ANY"}) if "ANY" in methods else methods
    answer = {
        "Access-Control-Allow-Origin": str(origins[0]),
        "Access-Control-Allow-Headers": headers if isinstance(headers, str) else ",".join(map(str, headers)),
        "Access-Control-Allow-Methods": ",".join(dict.fromkeys(allowed)),
    }
    if given.get("allowCredentials"):
        answer["Access-Control-Allow-Credentials"] = "true"
    if given.get("maxAge"):
        answer["Access-Control-Max-Age"] = str(given["maxAge"])
    if given.get("cacheControl"):
        answer["Cache-Control"] = str(given["cacheControl"])
    words = {f"method.response.header.{header}": value for header, value in answer.items()}
    return {
        "AuthorizationType": "NONE",
        "HttpMethod": "OPTIONS",
        "MethodResponses": [
            {"StatusCode": "200", "ResponseParameters": dict.fromkeys(words, True), "ResponseModels": {}}
        ],
        "RequestParameters": {},
        "Integration": {
            "Type": "MOCK",
            "RequestTemplates": {"application/json": "{statusCode:200}"},
            "ContentHandling": "CONVERT_TO_TEXT",
            "IntegrationResponses": [
                {
                    "StatusCode": "200",
                    "ResponseParameters": {key: f"'{value}'" for key, value in words.items()},
                    "ResponseTemplates": {"application/json": _choice(origins)},
                }
            ],
        },
    }


def _choice(origins: list[Any]) -> str:
    """Return the template by which API Gateway picks the origin that asks out of several."""
    if len(origins) < 2:
        return ""
    patterns = [str(origin).replace(".", "[.]").replace("*", ".+") for origin in origins]
    condition = " || ".join(f'$origin.matches("{pattern}")' for pattern in patterns)
    return (
        '#set($origin = $input.params("Origin"))\n'
        f"#if({condition}) #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin) #end"
    )
