"""A tide table's REST API answers from mocks, validates requests by parameter and by
body, and meters its customers' own keys by usage plans on two stages."""

import json

import pytest

from app import call_stage, part


def test_api_gateway_api_key_customer_dinghy_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_api_key.customer["dinghy"]']
    found = apigateway.get_api_key(apiKey=it["id"])
    wanted = {
        "name": "tide-tables-dinghy",
        "description": "Customer dinghy",
        "enabled": True,
    }
    assert part(found, wanted) == wanted
    answer = apigateway.get_api_key(apiKey=it["id"], includeValue=True)
    assert answer["value"] == it["value"]


def test_api_gateway_api_key_customer_pilots_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_api_key.customer["pilots"]']
    found = apigateway.get_api_key(apiKey=it["id"])
    wanted = {
        "name": "tide-tables-pilots",
        "description": "Customer pilots",
        "enabled": True,
    }
    assert part(found, wanted) == wanted
    answer = apigateway.get_api_key(apiKey=it["id"], includeValue=True)
    assert answer["value"] == it["value"]


def test_api_gateway_api_key_customer_schooner_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_api_key.customer["schooner"]']
    found = apigateway.get_api_key(apiKey=it["id"])
    wanted = {
        "name": "tide-tables-schooner",
        "description": "Customer schooner",
        "enabled": False,
    }
    assert part(found, wanted) == wanted
    answer = apigateway.get_api_key(apiKey=it["id"], includeValue=True)
    assert answer["value"] == it["value"]


def test_api_gateway_deployment_this_is_as_it_was_asked_to_be(apigateway, deployed):
    it = deployed["aws_api_gateway_deployment.this"]
    found = apigateway.get_deployment(
        restApiId=it["rest_api_id"], deploymentId=it["id"]
    )
    assert found


def test_api_gateway_gateway_response_bad_body_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed["aws_api_gateway_gateway_response.bad_body"]
    found = apigateway.get_gateway_response(
        restApiId=it["rest_api_id"], responseType=it["response_type"]
    )
    wanted = {
        "statusCode": "422",
        "responseTemplates": {
            "application/json": '{"problem":"$context.error.validationErrorString"}'
        },
    }
    assert part(found, wanted) == wanted


def test_api_gateway_gateway_response_no_key_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed["aws_api_gateway_gateway_response.no_key"]
    found = apigateway.get_gateway_response(
        restApiId=it["rest_api_id"], responseType=it["response_type"]
    )
    wanted = {
        "statusCode": "403",
        "responseTemplates": {
            "application/json": '{"problem":"Send your key as x-api-key"}'
        },
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_api_gateway_integration.this["GET observations"]',
        'aws_api_gateway_integration.this["GET tides"]',
    ],
)
def test_every_api_gateway_integration_is_as_it_was_asked_to_be(
    apigateway, deployed, address
):
    it = deployed[address]
    found = apigateway.get_integration(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
    )
    wanted = {
        "type": "MOCK",
        "requestTemplates": {"application/json": '{"statusCode":200}'},
        "passthroughBehavior": "WHEN_NO_MATCH",
    }
    assert part(found, wanted) == wanted


def test_api_gateway_integration_this_post_observations_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_integration.this["POST observations"]']
    found = apigateway.get_integration(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
    )
    wanted = {
        "type": "MOCK",
        "requestTemplates": {"application/json": '{"statusCode":201}'},
        "passthroughBehavior": "WHEN_NO_MATCH",
    }
    assert part(found, wanted) == wanted


def test_api_gateway_integration_response_this_get_observations_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_integration_response.this["GET observations"]']
    found = apigateway.get_integration_response(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
        statusCode=it["status_code"],
    )
    wanted = {"responseTemplates": {"application/json": '{"observations":[]}'}}
    assert part(found, wanted) == wanted


def test_api_gateway_integration_response_this_get_tides_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_integration_response.this["GET tides"]']
    found = apigateway.get_integration_response(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
        statusCode=it["status_code"],
    )
    wanted = {
        "responseTemplates": {
            "application/json": '{"harbour":"$input.params(\'harbour\')","high":["04:12","16:37"],"low":["10:21","22:50"]}'
        }
    }
    assert part(found, wanted) == wanted


def test_api_gateway_integration_response_this_post_observations_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_integration_response.this["POST observations"]']
    found = apigateway.get_integration_response(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
        statusCode=it["status_code"],
    )
    wanted = {"responseTemplates": {"application/json": '{"stored":true}'}}
    assert part(found, wanted) == wanted


def test_api_gateway_method_this_get_observations_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_method.this["GET observations"]']
    found = apigateway.get_method(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
    )
    wanted = {"authorizationType": "NONE", "apiKeyRequired": True}
    assert part(found, wanted) == wanted


def test_api_gateway_method_this_get_tides_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_method.this["GET tides"]']
    found = apigateway.get_method(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
    )
    wanted = {
        "authorizationType": "NONE",
        "apiKeyRequired": True,
        "requestParameters": {
            "method.request.querystring.day": False,
            "method.request.querystring.harbour": True,
        },
        "requestValidatorId": deployed[
            'aws_api_gateway_request_validator.this["parameters"]'
        ]["id"],
    }
    assert part(found, wanted) == wanted


def test_api_gateway_method_this_post_observations_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_method.this["POST observations"]']
    found = apigateway.get_method(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
    )
    wanted = {
        "authorizationType": "NONE",
        "apiKeyRequired": True,
        "requestModels": {"application/json": "Observation"},
        "requestValidatorId": deployed[
            'aws_api_gateway_request_validator.this["body"]'
        ]["id"],
    }
    assert part(found, wanted) == wanted


@pytest.mark.parametrize(
    "address",
    [
        'aws_api_gateway_method_response.this["GET observations"]',
        'aws_api_gateway_method_response.this["GET tides"]',
        'aws_api_gateway_method_response.this["POST observations"]',
    ],
)
def test_every_api_gateway_method_response_is_as_it_was_asked_to_be(
    apigateway, deployed, address
):
    it = deployed[address]
    found = apigateway.get_method_response(
        restApiId=it["rest_api_id"],
        resourceId=it["resource_id"],
        httpMethod=it["http_method"],
        statusCode=it["status_code"],
    )
    assert found


def test_api_gateway_model_observation_is_as_it_was_asked_to_be(apigateway, deployed):
    it = deployed["aws_api_gateway_model.observation"]
    found = apigateway.get_model(restApiId=it["rest_api_id"], modelName=it["name"])
    wanted = {
        "contentType": "application/json",
        "description": "A height that somebody read from a gauge",
    }
    assert part(found, wanted) == wanted


def test_api_gateway_model_problem_is_as_it_was_asked_to_be(apigateway, deployed):
    it = deployed["aws_api_gateway_model.problem"]
    found = apigateway.get_model(restApiId=it["rest_api_id"], modelName=it["name"])
    wanted = {"contentType": "application/json"}
    assert part(found, wanted) == wanted


def test_api_gateway_request_validator_this_body_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_request_validator.this["body"]']
    found = apigateway.get_request_validator(
        restApiId=it["rest_api_id"], requestValidatorId=it["id"]
    )
    wanted = {
        "name": "body",
        "validateRequestBody": True,
        "validateRequestParameters": False,
    }
    assert part(found, wanted) == wanted


def test_api_gateway_request_validator_this_parameters_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_request_validator.this["parameters"]']
    found = apigateway.get_request_validator(
        restApiId=it["rest_api_id"], requestValidatorId=it["id"]
    )
    wanted = {
        "name": "parameters",
        "validateRequestBody": False,
        "validateRequestParameters": True,
    }
    assert part(found, wanted) == wanted


def test_api_gateway_resource_this_observations_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_resource.this["observations"]']
    found = apigateway.get_resource(restApiId=it["rest_api_id"], resourceId=it["id"])
    wanted = {
        "pathPart": "observations",
        "parentId": deployed['aws_api_gateway_resource.this["observations"]'][
            "parent_id"
        ],
    }
    assert part(found, wanted) == wanted


def test_api_gateway_resource_this_tides_is_as_it_was_asked_to_be(apigateway, deployed):
    it = deployed['aws_api_gateway_resource.this["tides"]']
    found = apigateway.get_resource(restApiId=it["rest_api_id"], resourceId=it["id"])
    wanted = {
        "pathPart": "tides",
        "parentId": deployed['aws_api_gateway_resource.this["tides"]']["parent_id"],
    }
    assert part(found, wanted) == wanted


def test_api_this_is_the_one_that_was_asked_for(apigateway, deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    found = apigateway.get_rest_api(restApiId=api["id"])
    assert found["name"] == "tide-tables"
    answer = apigateway.get_resources(restApiId=api["id"], limit=500)
    paths = {entry["path"] for entry in answer["items"]}
    assert paths >= {"/", "/observations", "/tides"}


def test_get_observations_on_live_is_answered(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, body = call_stage(
        api["id"],
        stage["stage_name"],
        "GET",
        "/observations",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 200
    assert body == {"observations": []}


def test_get_observations_on_live_refuses_a_call_without_a_key(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, _ = call_stage(api["id"], stage["stage_name"], "GET", "/observations")
    assert status == 403


def test_get_tides_on_live_is_answered(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "GET",
        "/tides?harbour=a1",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 200


def test_get_tides_on_live_refuses_a_call_without_a_key(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, _ = call_stage(api["id"], stage["stage_name"], "GET", "/tides?harbour=a1")
    assert status == 403


def test_get_tides_on_live_refuses_a_call_that_lacks_a_parameter(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "GET",
        "/tides",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 400


def test_post_observations_on_live_is_answered(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, body = call_stage(
        api["id"],
        stage["stage_name"],
        "POST",
        "/observations",
        json.dumps({"harbour": "aa", "metres": -4}),
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 201
    assert body == {"stored": True}


def test_post_observations_on_live_refuses_a_call_without_a_key(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "POST",
        "/observations",
        json.dumps({"harbour": "aa", "metres": -4}),
    )
    assert status == 403


def test_post_observations_on_live_refuses_a_body_that_its_model_does_not_know(
    deployed,
):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["live"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "POST",
        "/observations",
        "{}",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 422


def test_get_observations_on_trial_is_answered(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, body = call_stage(
        api["id"],
        stage["stage_name"],
        "GET",
        "/observations",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 200
    assert body == {"observations": []}


def test_get_observations_on_trial_refuses_a_call_without_a_key(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, _ = call_stage(api["id"], stage["stage_name"], "GET", "/observations")
    assert status == 403


def test_get_tides_on_trial_is_answered(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "GET",
        "/tides?harbour=a1",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 200


def test_get_tides_on_trial_refuses_a_call_without_a_key(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, _ = call_stage(api["id"], stage["stage_name"], "GET", "/tides?harbour=a1")
    assert status == 403


def test_get_tides_on_trial_refuses_a_call_that_lacks_a_parameter(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "GET",
        "/tides",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 400


def test_post_observations_on_trial_is_answered(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, body = call_stage(
        api["id"],
        stage["stage_name"],
        "POST",
        "/observations",
        json.dumps({"harbour": "aa", "metres": -4}),
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 201
    assert body == {"stored": True}


def test_post_observations_on_trial_refuses_a_call_without_a_key(deployed):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "POST",
        "/observations",
        json.dumps({"harbour": "aa", "metres": -4}),
    )
    assert status == 403


def test_post_observations_on_trial_refuses_a_body_that_its_model_does_not_know(
    deployed,
):
    api = deployed["aws_api_gateway_rest_api.this"]
    stage = deployed['aws_api_gateway_stage.this["trial"]']
    status, _ = call_stage(
        api["id"],
        stage["stage_name"],
        "POST",
        "/observations",
        "{}",
        **{
            "x-api-key": deployed['aws_api_gateway_api_key.customer["pilots"]']["value"]
        },
    )
    assert status == 422


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ('aws_api_gateway_stage.this["live"]', "aws_api_gateway_deployment.this"),
        ('aws_api_gateway_stage.this["trial"]', "aws_api_gateway_deployment.this"),
    ],
)
def test_every_api_gateway_stage_is_as_it_was_asked_to_be(
    apigateway, deployed, address, other
):
    it = deployed[address]
    found = apigateway.get_stage(
        restApiId=it["rest_api_id"], stageName=it["stage_name"]
    )
    wanted = {"deploymentId": deployed[other]["id"]}
    assert part(found, wanted) == wanted


def test_api_gateway_usage_plan_this_harbour_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_usage_plan.this["harbour"]']
    found = apigateway.get_usage_plan(usagePlanId=it["id"])
    wanted = {"name": "tide-tables-harbour", "description": "50000 requests in a month"}
    assert part(found, wanted) == wanted
    served = sorted((stage["apiId"], stage["stage"]) for stage in found["apiStages"])
    assert served == sorted(
        [
            (deployed["aws_api_gateway_rest_api.this"]["id"], "live"),
            (deployed["aws_api_gateway_rest_api.this"]["id"], "trial"),
        ]
    )
    wanted = {"limit": 50000, "period": "MONTH"}
    assert part(found["quota"], wanted) == wanted
    wanted = {"burstLimit": 40, "rateLimit": 20}
    assert part(found["throttle"], wanted) == wanted


def test_api_gateway_usage_plan_this_sailor_is_as_it_was_asked_to_be(
    apigateway, deployed
):
    it = deployed['aws_api_gateway_usage_plan.this["sailor"]']
    found = apigateway.get_usage_plan(usagePlanId=it["id"])
    wanted = {"name": "tide-tables-sailor", "description": "100 requests in a day"}
    assert part(found, wanted) == wanted
    served = sorted((stage["apiId"], stage["stage"]) for stage in found["apiStages"])
    assert served == sorted([(deployed["aws_api_gateway_rest_api.this"]["id"], "live")])
    wanted = {"limit": 100, "period": "DAY"}
    assert part(found["quota"], wanted) == wanted
    wanted = {"burstLimit": 2, "rateLimit": 1}
    assert part(found["throttle"], wanted) == wanted


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'aws_api_gateway_usage_plan_key.customer["dinghy"]',
            'aws_api_gateway_api_key.customer["dinghy"]',
        ),
        (
            'aws_api_gateway_usage_plan_key.customer["pilots"]',
            'aws_api_gateway_api_key.customer["pilots"]',
        ),
        (
            'aws_api_gateway_usage_plan_key.customer["schooner"]',
            'aws_api_gateway_api_key.customer["schooner"]',
        ),
    ],
)
def test_every_api_gateway_usage_plan_key_is_as_it_was_asked_to_be(
    apigateway, deployed, address, other
):
    it = deployed[address]
    found = apigateway.get_usage_plan_key(
        usagePlanId=it["usage_plan_id"], keyId=it["key_id"]
    )
    wanted = {"type": "API_KEY", "id": deployed[other]["id"]}
    assert part(found, wanted) == wanted
