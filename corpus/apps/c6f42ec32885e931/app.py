"""A client of the greengrocer's order API."""

import json
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session


class OrdersApi:
    def __init__(self, endpoint, api_id, stage, api_key):
        self.endpoint = endpoint.rstrip("/")
        self.api_id = api_id
        self.stage = stage
        self.api_key = api_key

    def produce(self):
        return self.call("GET", "/produce")

    def order(self, item, kilograms, api_key=""):
        body = {"item": item, "kilograms": kilograms}
        return self.call("POST", "/orders", body, api_key or self.api_key)

    def show(self, order_id):
        return self.call("GET", f"/orders/{order_id}")

    def call(self, method, path, body=None, api_key=None):
        """Status and JSON body of the stage's answer."""
        headers = {"Content-Type": "application/json"}
        if api_key:
            headers["x-api-key"] = api_key
        data = None if body is None else json.dumps(body).encode()
        status, text = 404, b""
        for url, host in self.addresses(path):
            signed = self.sign(method, url, data, headers | host)
            request = Request(url, data, signed, method=method)
            try:
                with urlopen(request, timeout=20) as reply:
                    status, text = reply.status, reply.read()
            except HTTPError as error:
                status, text = error.code, error.read()
            if status != 404:
                break
        try:
            return status, json.loads(text or b"null")
        except ValueError:
            return status, text.decode(errors="replace")

    def sign(self, method, url, data, headers):
        """The headers of a request by this account's own credentials."""
        session = Session()
        request = AWSRequest(method, url, headers, data)
        signer = SigV4Auth(
            session.get_credentials(),
            "execute-api",
            session.get_config_variable("region"),
        )
        signer.add_auth(request)
        return dict(request.headers.items())

    def addresses(self, path):
        """Where emulators serve a deployed stage: by path, or by host name."""
        parts = urlsplit(self.endpoint)
        port = f":{parts.port}" if parts.port else ""
        host = {"Host": f"{self.api_id}.execute-api.{parts.hostname}{port}"}
        yield f"{self.endpoint}/_aws/execute-api/{self.api_id}/{self.stage}{path}", {}
        yield f"{self.endpoint}/{self.stage}{path}", host
