def test_anybody_may_see_todays_produce(api):
    status, body = api.produce()
    assert status == 200
    assert body["produce"]["kale"] == {"price": 4, "origin": "Lincolnshire"}


def test_an_order_with_the_shops_key_is_accepted(api):
    assert api.order("apples", 5) == (202, {"accepted": True})


def test_an_order_without_a_key_is_forbidden(api):
    body = {"item": "apples", "kilograms": 5}
    status, _ = api.call("POST", "/orders", body)
    assert status == 403


def test_an_order_without_weight_is_invalid(api):
    status, _ = api.call("POST", "/orders", {"item": "apples"}, api.api_key)
    assert status == 400


def test_an_order_can_be_looked_up_by_its_id(api):
    assert api.show("A-42") == (200, {"order_id": "A-42", "state": "packed"})


def test_the_key_belongs_to_the_plan_of_the_deployed_stage(apigateway, outputs):
    plan = apigateway.get_usage_plan(usagePlanId=outputs["usage_plan_id"])
    stages = [(stage["apiId"], stage["stage"]) for stage in plan["apiStages"]]
    assert stages == [(outputs["api_id"], outputs["stage"])]
    keys = apigateway.get_usage_plan_keys(usagePlanId=outputs["usage_plan_id"])
    assert [key["id"] for key in keys["items"]] == [outputs["api_key_id"]]
