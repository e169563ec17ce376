"""`--log-json`: a line of JSON for what begins or ends in a run, as it happens, by the controller alone."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import StoreError
from pytest_lsqm.masking import mask

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.emulators.pool import Start
    from pytest_lsqm.models import Run, ValidationResult


class StageLog:
    """The file, one object per line; each has `event`, `time` and `run_id`."""

    def __init__(self, path: Path, run_id: str) -> None:
        self._run_id = run_id
        # The threads of the pool write here too.
        self._lock = threading.Lock()
        try:
            self._stream = path.open("w", encoding="utf-8")
        except OSError as error:
            raise StoreError(f"--log-json: {path} cannot be written: {error.strerror or error}") from error

    def write(self, event: str, **fields: Any) -> None:
        """Write a line; nothing any more once the log is closed."""
        line = {"event": event, "time": datetime.now(UTC).isoformat(), "run_id": self._run_id, **fields}
        with self._lock:
            if not self._stream.closed:
                self._stream.write(json.dumps(line) + "\n")
                self._stream.flush()

    def run_started(self, run: Run) -> None:
        """Say on what the run is."""
        shard = run.config.shard
        self.write(
            "run_started",
            started_at=run.started_at.isoformat(),
            emulator=run.emulator_kind,
            version=run.localstack_version,
            workers=run.config.parallel,
            shard=f"{shard.number}/{shard.count}" if shard else None,
        )

    def emulator_started(self, start: Start) -> None:
        """Say how a start of an emulator ended."""
        ended = start.started_at + timedelta(seconds=start.seconds)
        self.write(
            "emulator_start",
            started_at=start.started_at.isoformat(),
            ended_at=ended.isoformat(),
            duration_seconds=round(start.seconds, 3),
            outcome="error" if start.error else "ok",
            endpoint=start.endpoint,
            error_type=type(start.error).__name__ if start.error else None,
            message=mask(str(start.error)) if start.error else None,
        )

    def architecture_ended(self, result: ValidationResult) -> None:
        """Say what an architecture's verdict is."""
        self.write(
            "architecture",
            arch_hash=result.arch_hash,
            name=result.name,
            started_at=result.started_at.isoformat(),
            ended_at=result.completed_at.isoformat(),
            duration_seconds=result.duration_seconds,
            status=result.status,
            error_type=None if result.status == "PASSED" else result.status,
            cause=result.cause.kind if result.cause else None,
            reused_from=result.reused.run_id if result.reused else None,
            message=result.error_message,
        )

    def run_ended(self, run: Run, exit_code: int) -> None:
        """Say what the run came to, and close the file."""
        counted = run.summary.model_dump(mode="json", exclude={"skipped"})
        self.write(
            "run_ended",
            started_at=run.started_at.isoformat(),
            duration_seconds=run.summary.duration_seconds,
            exit_code=exit_code,
            summary=counted,
            skipped=len(run.summary.skipped),
        )
        with self._lock:
            self._stream.close()
