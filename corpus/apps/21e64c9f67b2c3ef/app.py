"""What the tests do with it: A puppet festival's buckets: a website per city written
from templates, numbered shards for recordings, an upload bucket with CORS, and
policies that follow from what each is for."""

import json
import re

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session


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


def fetch(s3, bucket, key):
    """Ask for an object as anybody could, without credentials; return status and
    body."""
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    request = AWSRequest("GET", url.split("?")[0]).prepare()
    reply = URLLib3Session().send(request)
    return reply.status_code, reply.content


def meaning(policy, account=""):
    """A policy in a form in which two are equal that say the same."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    document = json.loads(text.replace("<account>", account))
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    said = [json.dumps(unordered(it), sort_keys=True) for it in statements]
    return document.get("Version", "2008-10-17"), sorted(said)


def preflight(s3, bucket, origin, method):
    """Ask as a browser would whether a page of this origin may use a method on an
    object."""
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "any"}
    )
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    request = AWSRequest("OPTIONS", url.split("?")[0], headers=headers).prepare()
    reply = URLLib3Session().send(request)
    return reply.status_code, reply.headers.get("Access-Control-Allow-Origin")


def remove_object(s3, bucket, key):
    """Delete an object for good, with all of its versions."""
    s3.delete_object(Bucket=bucket, Key=key)
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
    for it in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=it["VersionId"])


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
