"""The script that runs an app's pytest session and records it as it goes; standard library and pytest only.

It is started as `python -I recorder.py RECORD KEY ARGUMENT...` and imports nothing of pytest_lsqm, since the
app's interpreter may be one that has no pytest_lsqm. One JSON object per line: what was recorded stays
recorded when the app kills the process. Before it stands a seal over the object and the seal of the line
before, made with the key in the file `KEY`, which is gone before any code of the app is there.
"""

from __future__ import annotations

import hmac
import json
import os
import sys

import pytest

MESSAGE_LIMIT = 8_000


class Recorder:
    """A pytest plugin that appends every collection and test report to a file."""

    def __init__(self, path: str, key: bytes) -> None:
        # An own descriptor, opened before any code of the app: closing or replacing files does not disturb it.
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._key, self._seal = key, b""

    def _write(self, **event: object) -> None:
        # Half a surrogate pair is no text that a record could keep; "replace" makes it a question mark.
        told = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
        self._seal = hmac.digest(self._key, self._seal + told, "sha256").hex().encode()
        os.write(self._descriptor, self._seal + b" " + told + b"\n")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that could not be collected."""
        if report.failed:
            self._write(event="collect_error", where=report.nodeid, message=report.longreprtext[-MESSAGE_LIMIT:])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which tests there are."""
        self._write(event="collected", tests=[item.nodeid for item in session.items])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a phase of a test."""
        self._write(
            event="phase",
            test=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            seconds=report.duration,
            start=getattr(report, "start", None),
            stop=getattr(report, "stop", None),
            message=_message(report) if report.outcome != "passed" else None,
        )

    def pytest_internalerror(self, excrepr: object) -> None:
        """Note an error of pytest itself or of a hook of the app."""
        self._write(event="internal_error", message=str(excrepr)[-MESSAGE_LIMIT:])

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Note that the session came to its end."""
        self._write(event="finished", exit_code=int(exitstatus))


def _message(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):  # a skip: (file, line, reason)
        return str(report.longrepr[2])[-MESSAGE_LIMIT:]
    return report.longreprtext[-MESSAGE_LIMIT:]


def main() -> int:
    """Run the session; its exit code is pytest's."""
    name, path, key, *arguments = sys.argv
    sys.argv = [name, *arguments]  # as in any other session
    with open(key, "rb") as file:  # noqa: PTH123  nothing is imported that the app has no use for
        secret = file.read()
    os.unlink(key)  # noqa: PTH108
    return int(pytest.main(arguments, plugins=[Recorder(path, secret)]))


if __name__ == "__main__":
    raise SystemExit(main())
