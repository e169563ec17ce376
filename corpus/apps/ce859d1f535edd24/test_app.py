"""An HTTP API of a ferry line: proxied routes, CORS and a token authorizer, a staged
deployment with access logs, and a WebSocket API for the queue at the pier."""

import pytest

from app import log_and_read, log_group_settings, new_stream, part


def test_apigatewayv2_api_http_is_as_it_was_asked_to_be(apigatewayv2, deployed):
    it = deployed["aws_apigatewayv2_api.http"]
    answer = apigatewayv2.get_api(ApiId=it["id"])
    found = answer
    wanted = {
        "Name": "ferry-http",
        "ProtocolType": "HTTP",
        "RouteSelectionExpression": "$request.method $request.path",
        "Description": "Departures and bookings",
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_api_pier_is_as_it_was_asked_to_be(apigatewayv2, deployed):
    it = deployed["aws_apigatewayv2_api.pier"]
    answer = apigatewayv2.get_api(ApiId=it["id"])
    found = answer
    wanted = {
        "Name": "ferry-pier",
        "ProtocolType": "WEBSOCKET",
        "RouteSelectionExpression": "$request.body.action",
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_authorizer_token_is_as_it_was_asked_to_be(apigatewayv2, deployed):
    it = deployed["aws_apigatewayv2_authorizer.token"]
    answer = apigatewayv2.get_authorizer(ApiId=it["api_id"], AuthorizerId=it["id"])
    found = answer
    wanted = {
        "Name": "token",
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_integration_backend_delete_bookings_id_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_integration.backend["DELETE /bookings/{id}"]']
    answer = apigatewayv2.get_integration(ApiId=it["api_id"], IntegrationId=it["id"])
    found = answer
    wanted = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationMethod": "DELETE",
        "PayloadFormatVersion": "1.0",
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_apigatewayv2_integration.backend["GET /departures"]',
        'aws_apigatewayv2_integration.backend["GET /departures/{id}"]',
    ],
)
def test_every_apigatewayv2_integration_is_as_it_was_asked_to_be(
    apigatewayv2, deployed, address
):
    it = deployed[address]
    answer = apigatewayv2.get_integration(ApiId=it["api_id"], IntegrationId=it["id"])
    found = answer
    wanted = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationMethod": "GET",
        "PayloadFormatVersion": "1.0",
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_integration_backend_post_bookings_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_integration.backend["POST /bookings"]']
    answer = apigatewayv2.get_integration(ApiId=it["api_id"], IntegrationId=it["id"])
    found = answer
    wanted = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationMethod": "POST",
        "PayloadFormatVersion": "1.0",
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_integration_pier_is_as_it_was_asked_to_be(apigatewayv2, deployed):
    it = deployed["aws_apigatewayv2_integration.pier"]
    answer = apigatewayv2.get_integration(ApiId=it["api_id"], IntegrationId=it["id"])
    found = answer
    wanted = {"IntegrationType": "MOCK", "PayloadFormatVersion": "1.0"}
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_http_delete_bookings_id_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_route.http["DELETE /bookings/{id}"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {
        "RouteKey": "DELETE /bookings/{id}",
        "AuthorizationType": "JWT",
        "ApiKeyRequired": False,
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_http_get_departures_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_route.http["GET /departures"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {
        "RouteKey": "GET /departures",
        "AuthorizationType": "NONE",
        "ApiKeyRequired": False,
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_http_get_departures_id_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_route.http["GET /departures/{id}"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {
        "RouteKey": "GET /departures/{id}",
        "AuthorizationType": "NONE",
        "ApiKeyRequired": False,
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_http_post_bookings_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_route.http["POST /bookings"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {
        "RouteKey": "POST /bookings",
        "AuthorizationType": "JWT",
        "ApiKeyRequired": False,
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_pier_connect_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_route.pier["$connect"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {
        "RouteKey": "$connect",
        "AuthorizationType": "NONE",
        "ApiKeyRequired": False,
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_pier_default_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_route.pier["$default"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {
        "RouteKey": "$default",
        "AuthorizationType": "NONE",
        "ApiKeyRequired": False,
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_pier_disconnect_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_route.pier["$disconnect"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {
        "RouteKey": "$disconnect",
        "AuthorizationType": "NONE",
        "ApiKeyRequired": False,
    }
    assert part(found, wanted) == wanted


def test_apigatewayv2_route_pier_board_is_as_it_was_asked_to_be(apigatewayv2, deployed):
    it = deployed['aws_apigatewayv2_route.pier["board"]']
    answer = apigatewayv2.get_route(ApiId=it["api_id"], RouteId=it["id"])
    found = answer
    wanted = {"RouteKey": "board", "AuthorizationType": "NONE", "ApiKeyRequired": False}
    assert part(found, wanted) == wanted


def test_apigatewayv2_stage_http_default_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_stage.http["$default"]']
    answer = apigatewayv2.get_stage(ApiId=it["api_id"], StageName=it["name"])
    found = answer
    wanted = {"AutoDeploy": True, "StageVariables": {"season": "summer"}}
    assert part(found, wanted) == wanted


def test_apigatewayv2_stage_http_winter_is_as_it_was_asked_to_be(
    apigatewayv2, deployed
):
    it = deployed['aws_apigatewayv2_stage.http["winter"]']
    answer = apigatewayv2.get_stage(ApiId=it["api_id"], StageName=it["name"])
    found = answer
    wanted = {"AutoDeploy": True, "StageVariables": {"season": "winter"}}
    assert part(found, wanted) == wanted


def test_log_group_access_keeps_lines_as_long_as_asked(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.access"]
    found = log_group_settings(logs, group["name"])
    assert found.get("retentionInDays") == 30


def test_log_group_access_gives_back_what_is_logged(logs, deployed):
    group = deployed["aws_cloudwatch_log_group.access"]
    stream = new_stream(logs, group["name"])
    try:
        assert log_and_read(logs, group["name"], stream, f"a line of {stream}")
    finally:
        logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)
