"""Weigh parcels from a queue; refuse the ones that are too heavy or broken."""

import json
import os


class TooHeavy(Exception):
    pass


def weigh(parcel):
    grams = sum(item["grams"] * item.get("count", 1) for item in parcel["items"])
    if grams > int(os.environ["LIMIT_GRAMS"]):
        raise TooHeavy(f"{parcel['id']} weighs {grams} g")
    return {"id": parcel["id"], "grams": grams}


def handler(event, context):
    if "Records" not in event:
        return weigh(event)
    weighed = [weigh(json.loads(record["body"])) for record in event["Records"]]
    print(json.dumps(weighed))
    return weighed
