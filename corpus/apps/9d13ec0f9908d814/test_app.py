import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError


def test_a_paid_order_ends_with_its_payment_and_a_receipt(office, outputs):
    order = str(uuid4())
    end = office.buy(order, seats=2, total=90)
    assert end["status"] == "SUCCEEDED"
    assert json.loads(end["output"])["payment"] == {"paid": 90}
    receipt = office.message(outputs["receipts_url"], order)
    assert receipt == {"order": order, "paid": 90, "reference": f"HOLD-{order}"}


def test_each_step_is_an_execution_of_its_own(office, outputs):
    order = str(uuid4())
    office.buy(order, seats=3, total=120)
    reserve = office.runs_for(outputs["step_arns"]["reserve"], order)
    charge = office.runs_for(outputs["step_arns"]["charge"], order)
    assert [run["status"] for run in reserve + charge] == ["SUCCEEDED"] * 2
    assert json.loads(charge[0]["output"]) == {"paid": 120, "for": f"HOLD-{order}"}


def test_a_declined_card_releases_the_seats(office, outputs):
    order = str(uuid4())
    end = office.buy(order, seats=2, total=outputs["limits"]["card"] + 1)
    assert (end["status"], end["error"]) == ("FAILED", "Saga.Cancelled")
    told = office.message(outputs["box_office_url"], order)
    assert told == {"order": order, "released": [f"HOLD-{order}"]}
    [charge] = office.runs_for(outputs["step_arns"]["charge"], order)
    assert charge["error"] == "Card.Declined"


def test_a_sold_out_hall_is_never_charged(office, outputs):
    order = str(uuid4())
    end = office.buy(order, seats=outputs["limits"]["seats"] + 1, total=10)
    assert end["status"] == "FAILED"
    assert office.runs_for(outputs["step_arns"]["charge"], order) == []
    told = office.message(outputs["box_office_url"], order)
    assert told == {"order": order, "released": []}


def test_a_cancelled_order_gets_no_receipt(office, outputs):
    cancelled, paid = str(uuid4()), str(uuid4())
    office.buy(cancelled, seats=1, total=0)
    office.buy(paid, seats=1, total=outputs["limits"]["card"])
    receipts = outputs["receipts_url"]
    assert office.message(receipts, paid)["paid"] == outputs["limits"]["card"]
    assert office.message(receipts, cancelled, seconds=2) is None


def test_one_order_is_sold_once(office, outputs):
    order = str(uuid4())
    office.buy(order, seats=1, total=20)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        office.buy(order, seats=1, total=20)
    assert len(office.runs_for(outputs["step_arns"]["charge"], order)) == 1
