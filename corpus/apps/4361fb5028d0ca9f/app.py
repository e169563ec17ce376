"""Ask the register of mountain huts, at the address of a deployed stage."""

import json
from functools import cached_property
from urllib.parse import urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session


class HutRegister:
    def __init__(self, session, endpoint, api_id, stage):
        self.session = session
        self.endpoint = endpoint.rstrip("/")
        self.api_id = api_id
        self.stage = stage
        self.http = URLLib3Session(timeout=20)

    def huts(self):
        return self.ask("GET", "/huts")

    def beds(self, hut, **query):
        return self.ask("GET", f"/huts/{hut}/beds", query=query)

    def reserve(self, **reservation):
        return self.ask("POST", "/reservations", reservation)

    def ask(self, method, path, body=None, query=None):
        """Status and parsed body of the answer."""
        reply = self.send(method, path, body, query)
        try:
            return reply.status_code, json.loads(reply.content or b"null")
        except ValueError:
            return reply.status_code, reply.text

    def send(self, method, path, body=None, query=None):
        tail = path + ("?" + urlencode(query) if query else "")
        data = json.dumps(body).encode() if body is not None else None
        return self._send(method, *self._address, tail, data)

    @cached_property
    def _address(self):
        """Base and headers: the first of its addresses at which the stage answers."""
        for base, headers in self._addresses():
            if self._send("GET", base, headers, "/huts").status_code == 200:
                return base, headers
        raise LookupError(f"stage {self.stage} of {self.api_id} does not answer")

    def _addresses(self):
        # Emulators serve a stage by path, or by the name of the host.
        where = urlsplit(self.endpoint)
        host = where.netloc.replace(
            where.hostname, f"{self.api_id}.execute-api.{where.hostname}", 1
        )
        yield f"{self.endpoint}/_aws/execute-api/{self.api_id}/{self.stage}", {}
        yield f"{self.endpoint}/{self.stage}", {"Host": host}

    def _send(self, method, base, headers, tail, data=None):
        headers = {"Content-Type": "application/json", **headers}
        request = AWSRequest(method, base + tail, headers, data)
        credentials = self.session.get_credentials()
        SigV4Auth(credentials, "execute-api", self.session.region_name).add_auth(
            request
        )
        return self.http.send(request.prepare())
