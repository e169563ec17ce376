"""What the tests do with it: A savings bank's KMS keys in rings: encryption keys
with aliases, policies and grants bound to an encryption context, yearly backup
keys, and keys that only sign."""

import json
import re
import time

import boto3
from botocore.exceptions import ClientError


def agrees(found, wanted):
    """Whether an answer says all that is wanted; it may say more, and lists in any
    order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            agrees(found.get(name), value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(any(agrees(part, value) for part in found) for value in wanted)
        )
    return found == wanted


def identity(key, secret, token=None):
    """Who one is with these credentials; new ones may take a moment to be known."""
    deadline = time.monotonic() + 15
    while True:
        try:
            return boto3.client(
                "sts",
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
            ).get_caller_identity()["Arn"]
        except ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def meaning(policy, account=""):
    """A policy in a form in which two are equal that say the same."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    document = json.loads(text.replace("<account>", account))
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    said = [json.dumps(unordered(it), sort_keys=True) for it in statements]
    return document.get("Version", "2008-10-17"), sorted(said)


def unordered(value):
    """A part of a policy without what makes no difference: order, lists of one,
    nothing."""
    if isinstance(value, dict):
        if value.get("Principal") == "*":
            value = value | {"Principal": {"AWS": "*"}}
        return {name: unordered(it) for name, it in value.items() if it not in ("", [])}
    if isinstance(value, list):
        parts = sorted({json.dumps(unordered(it), sort_keys=True) for it in value})
        return (
            json.loads(parts[0])
            if len(parts) == 1
            else [json.loads(it) for it in parts]
        )
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"^arn:[\w-]+:iam::([^:]+):root$", r"\1", str(value))
