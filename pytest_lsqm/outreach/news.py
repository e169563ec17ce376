"""What there is to tell of a run: in a line, in a few lines, and as JSON for programs.

No text from Terraform, an app or a log is among it but names; what failed how is for the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_lsqm import history
from pytest_lsqm.errors import UsageError
from pytest_lsqm.outreach import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.history import Earlier, Fix, RunOutcomes
    from pytest_lsqm.models import Regression, Run

LISTED = 10
"""So many regressions, and so many fixes, are told by name."""


@dataclass(frozen=True)
class News:
    """A run, and how it compares with what each of its architectures did before.

    `rate` is that of the run, `delta` by how much it rose or fell among the architectures that have an earlier
    result; both from 0 to 1, without those that were an ERROR, and None where there are no others.
    """

    run: Run
    rate: float | None
    delta: float | None
    regressions: Sequence[Regression]
    fixes: Sequence[Fix]
    link: str | None = None

    @property
    def emulator(self) -> str:
        """The emulator with its version."""
        facts = self.run.config.emulator
        return f"{self.run.emulator_kind} {facts.version if facts else self.run.localstack_version}"

    def headline(self) -> str:
        """Return the run in a line."""
        counted = self.run.summary
        judged = counted.total - counted.error
        if self.rate is None:
            return markdown.line(f"{self.emulator}: nothing was learnt, {counted.error} ERROR")
        change = f", {100 * self.delta:+.1f} points" if self.delta else ", as before" if self.delta == 0 else ""
        return markdown.line(
            f"{self.emulator}: {100 * self.rate:.1f} % passed ({counted.passed} of {judged}){change}"
        )

    def lines(self) -> Iterator[str]:
        """Yield what there is to tell besides."""
        counted = self.run.summary
        if counted.error and self.rate is not None:
            yield f"{counted.error} ERROR, of which nothing was learnt"
        if counted.new_architectures:
            yield f"{counted.new_architectures} new architecture{'s' if counted.new_architectures > 1 else ''}"
        for found in self.regressions[:LISTED]:
            whose = f" [{found.attributed_to.replace('_', ' ')}]" if found.attributed_to else ""
            where = f" {found.github_issue_url}" if found.github_issue_url else ""
            name = markdown.line(found.architecture_name or found.arch_hash, 80)
            yield f"REGRESSION {name}: {found.from_status} → {found.to_status}{whose}{where}"
        yield from _more(len(self.regressions), "regressions")
        for fix in self.fixes[:LISTED]:
            name = markdown.line(fix.architecture_name or fix.arch_hash, 80)
            yield f"FIXED {name}: {fix.from_status} → {fix.to_status}"
        yield from _more(len(self.fixes), "fixes")

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        run = self.run
        return {
            "run_id": run.run_id,
            "started_at": run.started_at.isoformat(),
            "emulator": run.emulator_kind,
            "version": run.config.emulator.version if run.config.emulator else run.localstack_version,
            "summary": run.summary.model_dump(mode="json", exclude={"skipped"}),
            "pass_rate": self.rate,
            "pass_rate_delta": self.delta,
            "new_architectures": run.summary.new_architectures,
            "regressions": [_regression(found) for found in self.regressions],
            "fixes": [
                {
                    "arch_hash": fix.arch_hash,
                    "architecture_name": fix.architecture_name,
                    "from_status": fix.from_status,
                    "to_status": fix.to_status,
                }
                for fix in self.fixes
            ],
            "link": self.link,
        }

    def as_slack(self) -> dict[str, Any]:
        """Return it as the body of a Slack message: text that Slack reads no meaning into, and the link."""
        told = "\n".join(self.lines())[:2900]
        blocks: list[dict[str, Any]] = [
            {"type": "header", "text": {"type": "plain_text", "text": self.headline()[:150], "emoji": False}}
        ]
        if told:
            blocks.append({"type": "section", "text": {"type": "plain_text", "text": told, "emoji": False}})
        if self.link:
            text = f"<{markdown.slack(self.link)}|Read more>"
            blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text}})
        return {"text": markdown.slack(self.headline()), "blocks": blocks}


def _more(count: int, what: str) -> Iterator[str]:
    if count > LISTED:
        yield f"and {count - LISTED} more {what}"


def _regression(found: Regression) -> dict[str, Any]:
    # Without the cause's texts: they come from logs, and may hold what is nobody's business there.
    told = found.model_dump(mode="json", exclude_none=True, exclude={"cause", "changed", "schema_version"})
    if found.cause:
        told["cause"] = found.cause.model_dump(
            mode="json", exclude_none=True, include={"kind", "stage", "service", "operation"}
        )
    return told


def of_run(store: Store, run_id: str | None = None, link: str | None = None) -> News:
    """Return what there is to tell of a run, the latest that has results where none is named."""
    if link is not None and (urlsplit(link).scheme not in {"http", "https"} or set(link) & set("<>| \n")):
        raise UsageError(f"--link wants the http or https address of a page, not {link!r}")
    runs = [history.RunOutcomes(run, store.statuses(run.run_id)) for run in store.runs()]
    current = _named(runs, run_id)
    earlier = history.baseline(current.run, runs)
    counted = current.run.summary
    judged = counted.total - counted.error
    return News(
        run=current.run,
        rate=counted.passed / judged if judged else None,
        delta=_delta(current, earlier),
        regressions=[each for each in store.regressions() if each.to_run_id == current.run.run_id],
        fixes=history.fixes(current, earlier),
        link=link,
    )


def _named(runs: Sequence[RunOutcomes], run_id: str | None) -> RunOutcomes:
    for each in history.newest_first(runs):
        if each.run.run_id == run_id or (run_id is None and each.outcomes):
            return each
    raise UsageError(
        f"there is no run {run_id}: `lsqm status` lists those there are"
        if run_id
        else "there is no run to tell of yet: `pytest --lsqm` makes one"
    )


def _delta(current: RunOutcomes, earlier: Mapping[str, Earlier]) -> float | None:
    """Compare like with like: a run of other architectures than before is no better or worse for it."""
    pairs = [
        (earlier[key].outcome.status == "PASSED", outcome.status == "PASSED")
        for key, outcome in current.outcomes.items()
        if key in earlier and "ERROR" not in {outcome.status, earlier[key].outcome.status}
    ]
    return (sum(now for _, now in pairs) - sum(before for before, _ in pairs)) / len(pairs) if pairs else None
