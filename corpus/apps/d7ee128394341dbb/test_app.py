from uuid import uuid4

from app import find_confirmation, find_message


def test_a_placed_order_becomes_a_pick_list_for_the_warehouse(checkout, sqs, outputs):
    order = str(uuid4())
    checkout.place(order, 20, items=["Moby-Dick", "Emma"])
    pick_list = find_message(sqs, outputs["queue_urls"]["warehouse"], order)
    assert pick_list == {"pick_list_for": order, "items": ["Moby-Dick", "Emma"]}


def test_only_large_orders_are_reviewed(checkout, sqs, outputs):
    small, large = str(uuid4()), str(uuid4())
    checkout.place(small, outputs["review_threshold"] - 1)
    checkout.place(large, outputs["review_threshold"])
    review = outputs["queue_urls"]["review"]
    event = find_message(sqs, review, large)
    assert event["detail"]["order_id"] == large
    assert event["source"] == outputs["event_source"]
    assert find_message(sqs, review, small, seconds=2) is None


def test_the_workflow_confirms_an_order_and_chooses_its_shipping(
    checkout, stepfunctions, outputs
):
    cheap, dear = str(uuid4()), str(uuid4())
    checkout.place(cheap, 12)
    checkout.place(dear, 80)
    machine = outputs["state_machine_arn"]
    cheap_one = find_confirmation(stepfunctions, machine, cheap)
    dear_one = find_confirmation(stepfunctions, machine, dear)
    assert cheap_one["shipping"] == "standard"
    assert dear_one["shipping"] == "free"
    assert dear_one["message"] == f"Order {dear} is confirmed"


def test_a_cancellation_reaches_the_newsletter_and_not_the_warehouse(
    checkout, sqs, outputs
):
    order = str(uuid4())
    checkout.cancel(order, reason="too slow")
    envelope = find_message(sqs, outputs["queue_urls"]["newsletter"], order)
    assert envelope["Type"] == "Notification"
    assert "too slow" in envelope["Message"]
    assert find_message(sqs, outputs["queue_urls"]["warehouse"], order, 2) is None


def test_a_cancellation_made_for_a_test_is_dropped(checkout, sqs, outputs):
    test, real = str(uuid4()), str(uuid4())
    checkout.cancel(test, reason="test")
    checkout.cancel(real, reason="gift")
    newsletter = outputs["queue_urls"]["newsletter"]
    assert find_message(sqs, newsletter, real) is not None
    assert find_message(sqs, newsletter, test, seconds=2) is None
