from app import invoke


def test_a_quote_counts_distance_and_volume(api):
    assert api.quote(100, 10) == (200, {"price": 455.0, "currency": "EUR"})


def test_an_incomplete_request_is_refused(api):
    status, body = api.call("POST", "/quotes", {"kilometres": 3})
    assert status == 400
    assert body == {"error": "kilometres and cubic_metres are needed"}


def test_other_paths_lead_nowhere(api):
    assert api.call("GET", "/vans") == (404, {"error": "there is nothing here"})


def test_the_function_can_be_asked_without_the_api(functions, outputs):
    body = '{"kilometres": 1, "cubic_metres": 2}'
    event = {"httpMethod": "POST", "path": "/quotes", "body": body}
    error, result = invoke(functions, outputs["function_name"], event)
    assert error is None
    assert result["body"] == '{"price": 53.0, "currency": "EUR"}'


def test_an_event_that_is_no_request_is_an_error_of_the_function(functions, outputs):
    error, result = invoke(functions, outputs["function_name"], {})
    assert error == "Unhandled"
    assert "httpMethod" in result["errorMessage"]


def test_only_this_api_may_call_the_function(functions, outputs):
    policy = functions.get_policy(FunctionName=outputs["function_name"])["Policy"]
    assert "apigateway.amazonaws.com" in policy
    assert outputs["api_id"] in policy
