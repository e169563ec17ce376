"""What the tests do with it: A tide table's REST API answers from mocks, validates
requests by parameter and by body, and meters its customers' own keys by usage
plans on two stages."""

import json
import os
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session


def call_stage(api_id, stage, method, path, body=None, **headers):
    """Status and body of what a deployed stage answers, by whichever address the
    emulator serves it."""
    endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
    parts = urlsplit(endpoint)
    port = f":{parts.port}" if parts.port else ""
    host = {"Host": f"{api_id}.execute-api.{parts.hostname}{port}"}
    addresses = (
        (f"{endpoint}/_aws/execute-api/{api_id}/{stage}{path}", {}),
        (f"{endpoint}/{stage}{path}", host),
    )
    session = boto3.Session()
    status, text = 404, ""
    for url, more in addresses:
        sent = {"Content-Type": "application/json"} | headers | more
        request = AWSRequest(method, url, sent, body)
        signer = SigV4Auth(
            session.get_credentials(), "execute-api", session.region_name
        )
        signer.add_auth(request)
        answer = URLLib3Session(timeout=20).send(request.prepare())
        status, text = answer.status_code, answer.text
        if status != 404:
            break
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told
