from uuid import uuid4

from app import request, schedule, started


def test_each_job_has_its_own_schedule_and_input(events, outputs):
    jobs = schedule(events, outputs["rules"])
    assert jobs == {
        "preheat": (
            "cron(0 3 ? * MON-SAT *)",
            "ENABLED",
            {"job": "preheat", "degrees": 240},
        ),
        "stocktake": ("rate(12 hours)", "ENABLED", {"job": "stocktake", "degrees": 0}),
    }


def test_a_requested_job_starts_at_once(events, sqs, outputs):
    ticket = str(uuid4())
    request(events, "preheat", ticket)
    job = started(sqs, outputs["queue_url"], ticket)
    assert job == {"job": "preheat", "ticket": ticket}


def test_a_job_that_is_not_scheduled_cannot_be_requested(events, sqs, outputs):
    seasonal, usual = str(uuid4()), str(uuid4())
    request(events, "deep-fry", seasonal)
    request(events, "stocktake", usual)
    assert started(sqs, outputs["queue_url"], usual)["job"] == "stocktake"
    assert started(sqs, outputs["queue_url"], seasonal, seconds=1) is None


def test_only_the_counter_may_request_jobs(events, sqs, outputs):
    prank, real = str(uuid4()), str(uuid4())
    request(events, "preheat", prank, source="bakery.prankster")
    request(events, "preheat", real)
    assert started(sqs, outputs["queue_url"], real) is not None
    assert started(sqs, outputs["queue_url"], prank, seconds=1) is None
