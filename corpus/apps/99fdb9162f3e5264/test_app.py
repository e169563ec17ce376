import json
from uuid import uuid4


def test_an_accepted_parcel_reaches_billing_dispatch_and_audit(parcels):
    parcel = str(uuid4())
    parcels.publish(parcel, "accepted", weight_grams=740)
    for department in ("billing", "dispatch", "audit"):
        event = parcels.read(department, parcel)
        assert event == {"parcel_id": parcel, "event": "accepted", "weight_grams": 740}


def test_a_damaged_parcel_is_a_matter_for_complaints_and_audit_only(parcels):
    parcel = str(uuid4())
    parcels.publish(parcel, "damaged")
    assert parcels.read("complaints", parcel)["event"] == "damaged"
    assert parcels.read("audit", parcel)["event"] == "damaged"
    assert parcels.read("billing", parcel, seconds=1) is None
    assert parcels.read("dispatch", parcel, seconds=1) is None


def test_an_event_nobody_asked_for_is_still_audited(parcels):
    parcel = str(uuid4())
    parcels.publish(parcel, "weighed")
    assert parcels.read("audit", parcel)["event"] == "weighed"
    assert parcels.read("complaints", parcel, seconds=1) is None


def test_every_department_has_a_dead_letter_queue_of_its_own(sqs, outputs):
    for department, url in outputs["queue_urls"].items():
        attributes = sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["RedrivePolicy"]
        )["Attributes"]
        dead = sqs.get_queue_attributes(
            QueueUrl=outputs["dead_letter_urls"][department],
            AttributeNames=["QueueArn"],
        )["Attributes"]
        redrive = json.loads(attributes["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"] == dead["QueueArn"]
        assert int(redrive["maxReceiveCount"]) == 3


def test_all_departments_are_subscribed_to_the_topic(sns, outputs):
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=outputs["topic_arn"])
    endpoints = {
        s["Endpoint"].rsplit("-", 1)[1] for s in subscriptions["Subscriptions"]
    }
    assert endpoints == set(outputs["queue_urls"])
