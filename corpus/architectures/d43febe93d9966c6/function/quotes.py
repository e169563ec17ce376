"""Quotes for removals: POST /quotes with kilometres and cubic metres."""

import json
import os
from decimal import Decimal


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body),
    }


def handler(event, context):
    if (event["httpMethod"], event["path"].rstrip("/")) != ("POST", "/quotes"):
        return answer(404, {"error": "there is nothing here"})
    try:
        request = json.loads(event.get("body") or "")
        kilometres = Decimal(str(request["kilometres"]))
        volume = Decimal(str(request["cubic_metres"]))
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return answer(400, {"error": "kilometres and cubic_metres are needed"})
    price = kilometres * Decimal(os.environ["PRICE_PER_KM"])
    price += volume * Decimal(os.environ["PRICE_PER_CBM"])
    print(f"quoted {price}")
    return answer(
        200, {"price": float(price), "currency": os.environ["PRICE_CURRENCY"]}
    )
