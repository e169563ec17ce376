import json


def test_an_order_reaches_the_kitchen_and_the_courier(pizzeria):
    order, execution = pizzeria.order(pizza="diavola", count=2, address="Via Toledo 1")
    assert execution["status"] == "SUCCEEDED"
    kitchen = pizzeria.ticket("kitchen", order)
    assert kitchen == {"order_id": order, "pizza": "diavola", "count": 2}
    assert pizzeria.ticket("courier", order)["address"] == "Via Toledo 1"


def test_an_accepted_order_knows_its_price_and_both_tickets(pizzeria, outputs):
    order, execution = pizzeria.order(pizza="marinara", count=1, address="Vomero")
    output = json.loads(execution["output"])
    assert output["order_id"] == order
    assert output["unit_price"] == outputs["prices"]["marinara"]
    assert len(set(output["tickets"])) == 2


def test_a_pizza_that_is_not_on_the_menu_is_refunded_and_never_baked(pizzeria):
    order, execution = pizzeria.order(pizza="hawaii", count=1, address="Oahu")
    assert execution["status"] == "FAILED"
    assert execution["error"] == "OrderFailed"
    refund = pizzeria.ticket("refunds", order)
    assert refund == {"order_id": order, "reason": "NotOnTheMenu"}
    assert pizzeria.ticket("kitchen", order, seconds=1) is None


def test_an_order_for_a_whole_village_is_refused(pizzeria):
    order, execution = pizzeria.order(pizza="margherita", count=13, address="Capri")
    assert (execution["status"], execution["error"]) == ("FAILED", "TooMany")
    assert execution["cause"] == "At most 12 pizzas per order"
    assert pizzeria.ticket("refunds", order, seconds=1) is None


def test_an_empty_order_is_refused(pizzeria):
    _, execution = pizzeria.order(count=1)
    assert (execution["status"], execution["error"]) == ("FAILED", "NothingOrdered")


def test_the_history_tells_which_states_an_order_went_through(pizzeria, stepfunctions):
    _, execution = pizzeria.order(pizza="margherita", count=1, address="Posillipo")
    history = stepfunctions.get_execution_history(
        executionArn=execution["executionArn"], maxResults=200
    )
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in history["events"]
        if "stateEnteredEventDetails" in event
    ]
    assert entered[:3] == ["Validate", "Price_margherita", "Dispatch"]
    assert entered[-1] == "Accepted"
