"""A server with a state, to stand in for an emulator: `little_server.py PORT [WORDS TO DIE WITH]`."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATE: dict[str, object] = {"seen": [], "sick": False}


class Handler(BaseHTTPRequestHandler):
    """GET /health, /state; POST /reset, /sick, /die, and anything else, which is remembered."""

    def do_GET(self) -> None:
        self._answer(500 if STATE["sick"] and self.path == "/health" else 200)

    def do_POST(self) -> None:
        if self.path == "/die":
            os._exit(7)
        if self.path == "/sick":
            STATE["sick"] = True
        elif self.path == "/reset":
            STATE["seen"] = []
        else:
            seen = STATE["seen"]
            assert isinstance(seen, list)
            seen.append(self.path)
        self._answer(200)

    def _answer(self, status: int) -> None:
        body = json.dumps(STATE).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(" ".join(sys.argv[2:]))
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
