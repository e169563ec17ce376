"""Split a phrase into lower-case words."""

import re


def handler(event, context):
    return {"words": re.findall(r"[^\W\d_]+", event["phrase"].lower())}
