import json


def test_every_hut_of_the_configuration_is_listed(live, outputs):
    status, body = live.huts()
    assert status == 200
    assert body == {"huts": outputs["huts"]}


def test_the_beds_of_a_night_name_the_hut_the_night_and_the_season(live, outputs):
    status, body = live.beds("stone-meadow", night="2026-03-01")
    assert status == 200
    assert body["hut"] == "stone-meadow"
    assert body["night"] == "2026-03-01"
    assert body["season"] == outputs["season"]
    assert len(body["free"]) == 2


def test_an_unknown_hut_and_a_missing_night_are_refused(live):
    expected = (404, {"unknown_hut": "atlantis"})
    assert live.beds("atlantis", night="2026-03-01") == expected
    status, body = live.beds("marmot")
    assert status == 400
    assert "free" not in body


def test_a_reservation_is_noted_for_the_stages_own_audience(live, trial):
    party = {"hut": "marmot", "guests": 4}
    assert live.reserve(**party) == (202, {"noted": True, "for": "hikers"})
    assert trial.reserve(**party) == (202, {"noted": True, "for": "testers"})


def test_what_is_not_a_reservation_is_refused(live):
    wrong = [
        {"hut": "marmot"},
        {"hut": "marmot", "guests": 40},
        {"hut": "atlantis", "guests": 1},
    ]
    for reservation in wrong:
        status, body = live.reserve(**reservation)
        assert status == 422
        assert "noted" not in body


def test_a_page_that_is_not_in_the_document_does_not_exist(trial):
    status, _ = trial.ask("GET", "/moon")
    assert status == 404
    status, _ = trial.ask("DELETE", "/huts")
    assert status == 404


def test_every_error_page_has_a_hint_of_our_own(apigateway, outputs):
    for kind, error in outputs["errors"].items():
        page = apigateway.get_gateway_response(
            restApiId=outputs["api_id"], responseType=kind
        )
        assert page["statusCode"] == str(error["status"])
        template = json.loads(page["responseTemplates"]["application/json"])
        assert template == {"error": error["hint"], "service": "hut-register"}


def test_both_stages_show_one_deployment_with_limits_of_their_own(apigateway, outputs):
    stages = apigateway.get_stages(restApiId=outputs["api_id"])["item"]
    assert {stage["stageName"] for stage in stages} == {"live", "trial"}
    assert len({stage["deploymentId"] for stage in stages}) == 1
    for stage in stages:
        limit = stage["methodSettings"]["*/*"]["throttlingRateLimit"]
        assert limit == outputs["throttling"][stage["stageName"]]
