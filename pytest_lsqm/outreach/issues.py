"""GitHub issues about what an emulator no longer does: one for each cause, opened, commented on and closed.

What was done is read from GitHub each time, from marks in the first line of issue and comments. So whatever
stops a run of it, a rate limit or a lost answer, the next one goes on where it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import DiscoveryError, EnvironmentProblem, OutreachError, Unreachable
from pytest_lsqm.outreach import causes, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.corpus import Store
    from pytest_lsqm.github import GitHub, Issue
    from pytest_lsqm.outreach.causes import KnownCause

LABEL = "lsqm"
"""Issues are found by it; in a public repository only its own people can give it to one."""

_MARK = re.compile(r"<!-- lsqm (.*?) -->")


@dataclass(frozen=True)
class Step:
    """One thing to do: `create`, `comment`, `reopen` or `close`; `done` where it was, `url` of its issue."""

    kind: str
    signature: str
    title: str
    body: str = ""
    number: int | None = None
    url: str | None = None
    done: bool = False


@dataclass(frozen=True)
class Outcome:
    """The steps, done or to be done, and a sentence for each that failed."""

    steps: list[Step]
    problems: list[str]


def update(store: Store, github: GitHub, repository: str, *, create: bool) -> Outcome:
    """Find out what the issues of a repository want, and do it if `create` says so; nothing is written otherwise.

    A regression that has an issue gets its address in `trends/regressions.json`.
    """
    outcome = Outcome([], [])
    groups = causes.known(store)
    try:
        tracker = _Tracker(store, github, _canonical(github, repository))
        issues: dict[str, Issue] = {}
        for issue in github.issues(tracker.name, LABEL) if groups else ():
            issues.setdefault(_marks(issue.body).get("cause", ""), issue)
        for group in groups:
            try:
                tracker.handle(group, issues.get(group.signature), outcome, create=create)
            except Unreachable:
                raise
            except DiscoveryError as error:
                # This one is refused, a locked issue for example; the others may be taken.
                outcome.problems.append(str(error))
    except (DiscoveryError, EnvironmentProblem, OutreachError) as error:
        outcome.problems.append(str(error))
    return outcome


def _canonical(github: GitHub, repository: str) -> str:
    found = github.repository(repository)
    if found.archived:
        raise OutreachError(f"{found.full_name} is archived, and takes no issues")
    return found.full_name


@dataclass(frozen=True)
class _Tracker:
    """The issues of one repository, and the store that they are about."""

    store: Store
    github: GitHub
    name: str

    def handle(self, group: KnownCause, issue: Issue | None, outcome: Outcome, *, create: bool) -> None:
        """Take the steps for one cause, or only say which they are."""
        issue = issue or self._recorded(group)
        if create and issue is not None:
            self._record(group, issue.url)
        for step in self._steps(group, issue):
            if not create:
                outcome.steps.append(step)
            elif step.kind == "create":
                self._create(group, step, outcome)
            else:
                outcome.steps.append(self._carry_out(step))

    def _steps(self, group: KnownCause, issue: Issue | None) -> Iterator[Step]:
        title = texts.title(group)
        if issue is None:
            if group.mended is None:
                yield Step("create", group.signature, title, texts.body(group))
            return
        step = Step("comment", group.signature, title, number=issue.number, url=issue.url)
        noted = set(_marks(issue.body).get("runs", "").split(","))
        wanted = [run for run in group.runs if run not in noted]
        is_open = issue.state == "open"
        if wanted or (group.mended and is_open):
            for text in self.github.comments(self.name, issue.number):
                noted |= set(_marks(text).values())
        for run in (run for run in wanted if run not in noted):
            if not is_open:
                yield replace(step, kind="reopen")
                is_open = True
            yield replace(step, body=texts.recurrence(group, run))
        if group.mended is not None and is_open:
            if group.mended.run_id not in noted:
                yield replace(step, body=texts.mended(group, group.mended))
            yield replace(step, kind="close")

    def _create(self, group: KnownCause, step: Step, outcome: Outcome) -> None:
        made = self.github.create_issue(self.name, step.title, step.body, LABEL)
        outcome.steps.append(replace(step, number=made.number, url=made.url, done=True))
        self._record(group, made.url)
        if LABEL not in made.labels:
            outcome.problems.append(
                f"{made.url} was created, but {self.name} takes no labels from this token: "
                f"give it the label {LABEL!r}, by which it is found again"
            )

    def _carry_out(self, step: Step) -> Step:
        assert step.number is not None
        if step.kind == "comment":
            self.github.comment(self.name, step.number, step.body)
        else:
            self.github.set_state(self.name, step.number, "open" if step.kind == "reopen" else "closed")
        return replace(step, done=True)

    def _record(self, group: KnownCause, url: str) -> None:
        unnoted = [each for each in group.regressions if each.github_issue_url != url]
        if unnoted:
            noted = (each.model_copy(update={"github_issue_url": url}) for each in unnoted)
            self.store.replace_regressions(*noted)

    def _recorded(self, group: KnownCause) -> Issue | None:
        """Find an issue that has lost its label, by the address that was written down."""
        for regression in group.regressions:
            address = regression.github_issue_url or ""
            if found := re.search(rf"/{re.escape(self.name)}/issues/(\d+)$", address):
                return self.github.issue(self.name, int(found[1]))
        return None


def _marks(text: str) -> dict[str, Any]:
    """Read the marks of an issue or a comment: in its first line only, for the rest quotes strangers."""
    found = _MARK.match(text)
    return dict(re.findall(r"(\w+)=(\S*)", found[1])) if found else {}
