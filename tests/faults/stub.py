"""A process that says it is moto and serves nothing: `stub.py PORT MODE_FILE`, obeyed at each request.

`ok`, `slow` (later than anybody waits for), `garbage` (bytes that are no HTTP). Enough for architectures without
resources: what is tested with it are the plugin's own ways out.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers a health check and a reset, and 500 to everything else."""

    def do_GET(self) -> None:
        mode = Path(sys.argv[2]).read_text()
        if mode == "slow":
            time.sleep(20)
        if mode == "garbage":
            self.wfile.write(b"\x00\xff\x17 not a word of HTTP \r\n" * 10)
            return
        ours = self.path.startswith("/moto-api/")
        self.send_response(200 if ours else 500)
        self.end_headers()
        self.wfile.write(b"Moto" if ours else b"")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
