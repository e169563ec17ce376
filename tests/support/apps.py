"""Apps made of the texts that a test writes down, run as real sub-sessions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from pytest_lsqm import subsession
from pytest_lsqm.validation import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_lsqm.process.forking import Forks
    from pytest_lsqm.process.jail import Jail
    from pytest_lsqm.subsession.record import Report
    from pytest_lsqm.validation.verdict import Verdict

REQUIREMENTS = "boto3\npytest\n"

NOTHING_DEPLOYED = subsession.Deployment(environment={}, outputs={}, resources=())


def app_texts(
    test_app: str, *, conftest: str = "", app: str = "", requirements: str = REQUIREMENTS
) -> dict[str, str]:
    """Make the four files of an app."""
    return {
        "conftest.py": dedent(conftest),
        "app.py": dedent(app),
        "test_app.py": dedent(test_app),
        "requirements.txt": requirements,
    }


def write_app(folder: Path, texts: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@dataclass
class Runner:
    """Runs one app in a scratch folder below `tmp_path`."""

    tmp_path: Path
    jail: Jail | None = None
    forks: Forks | None = None

    @property
    def stored(self) -> Path:
        """The folder that plays the app's folder in the store."""
        return self.tmp_path / "stored"

    @property
    def copy(self) -> Path:
        """The folder in which the app ran."""
        return self.tmp_path / "scratch" / "app"

    def run(
        self,
        test_app: str,
        *,
        conftest: str = "",
        app: str = "",
        requirements: str = REQUIREMENTS,
        deployment: subsession.Deployment = NOTHING_DEPLOYED,
        timeout: float = 60.0,
        test_timeout: float = 30.0,
    ) -> Report:
        texts = app_texts(test_app, conftest=conftest, app=app, requirements=requirements)
        return subsession.run_app(
            write_app(self.stored, texts),
            deployment,
            self.tmp_path / "scratch",
            timeout=timeout,
            test_timeout=test_timeout,
            jail=self.jail,
            forks=self.forks,
        )

    def read(self, name: str) -> Any:
        """Return the JSON that the app left in its working folder under this name."""
        return json.loads((self.copy / name).read_text(encoding="utf-8"))


def judge(report: Report) -> Verdict:
    """Return the verdict on a session whose emulator stayed healthy."""
    return verdict.tested(report, seconds=60.0)


def outcomes(report: Report) -> dict[str, str]:
    return {test.name: test.outcome for test in report.results.tests}


def counts(report: Report) -> tuple[int, int, int, int]:
    """Return total, passed, failed and skipped."""
    results = report.results
    return results.total, results.passed, results.failed, results.skipped
