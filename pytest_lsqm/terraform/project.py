"""One architecture in a working folder of its own: init, apply, what it made, destroy."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_lsqm import process
from pytest_lsqm.errors import ProviderError
from pytest_lsqm.models import TerraformApply, TerraformDestroy
from pytest_lsqm.terraform import drift, events, overrides, providers, testing, warm
from pytest_lsqm.terraform.schema import ProviderSchema, ask_schema, installed_version
from pytest_lsqm.terraform.sensitive import Sensitive, of_state

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_lsqm.analysis import ProviderBlock
    from pytest_lsqm.models import Drift, Modification, TerraformTests
    from pytest_lsqm.process.jail import Jail
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.providers import Mirror
    from pytest_lsqm.terraform.warm import Lent, Warm

LOG_LIMIT = 64 * 1024

PLAN = "lsqm.tfplan"
SECOND_PLAN = "lsqm-second.tfplan"
PLAN_HAS_CHANGES = 2
"""The exit code of `terraform plan -detailed-exitcode` for a plan that is not empty."""


@dataclass(frozen=True)
class Outcome:
    """How a Terraform command ended; `missing` means that a provider was not in the mirror."""

    ok: bool
    timed_out: bool
    logs: str
    missing: bool = False


@dataclass
class Project:
    """A Terraform root in a scratch folder, bound to one emulator endpoint and one account."""

    root: Path
    home: Path
    engine: Engine
    mirror: Mirror
    endpoint: str
    account: str
    region: str
    blocks: Iterable[ProviderBlock] = ()
    backends: Iterable[str] = ()
    modifications: tuple[Modification, ...] = ()
    jail: Jail | None = None
    """Where Terraform and its providers run."""
    folder: Path | None = None
    """The folder of the whole configuration, where that is more than its root."""
    warm: Warm | None = None
    """Where a provider process is lent from; None to have Terraform start its own for each command."""
    constraints: object = None
    """What decides, with what the mirror has, which version `init` chooses; None where it is not all known."""
    types: frozenset[str] | None = None
    """The types of resources and data sources that the configuration names; None where they are not known."""
    reads_files: bool = False
    """Whether the provider may be told to read files of the configuration."""
    lent: Lent | None = field(default=None, init=False)
    version: str | None = field(default=None, init=False)
    """The version of hashicorp/aws in use, None before `init` and where the configuration needs none."""
    schema: ProviderSchema | None = field(default=None, init=False)
    started_apply: bool = field(default=False, init=False)
    planned: bool = field(default=False, init=False)
    """Whether a saved plan waits to be carried out."""
    sensitive: Sensitive = field(default=Sensitive(), init=False)
    """What of the state, as last shown, no record may hold."""

    def environment(self) -> dict[str, str]:
        """All that Terraform and the provider get to see: made-up credentials and no way out but the emulator."""
        env = process.base_environment(self.home)
        config = self.home / "cli.tfrc"
        if not config.exists():
            self.mirror.write_cli_config(config)
        return env | {
            "TF_CLI_CONFIG_FILE": str(config),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            **(warm.COLLECTOR if warm.switched_on() else {}),
            **emulator_environment(self.endpoint, self.account, self.region),
            **(self.lent.environment() if self.lent is not None else {}),
        }

    def init(self, timeout: float) -> Outcome:
        """Install modules and providers, fetched where they lack and may be, and point them at the emulator."""
        deadline = time.monotonic() + timeout
        overrides.write_overrides(self.root, (), self.backends, None, endpoint=self.endpoint, account=self.account)
        outcome = self._init_warm(timeout)
        if outcome is None:
            outcome = self._init(timeout)
            if outcome.missing and self.mirror.direct:
                left = deadline - time.monotonic()
                # The download is not the architecture's time: it gets minutes, whatever is left of the deadline.
                providers.fetch_missing(self.mirror, self.engine, self.root, timeout=max(left, 600))
                outcome = self._init(timeout)
            self.version = installed_version(self.root, self.engine)
            if outcome.ok and self.version is not None and self.warm is not None:
                self.warm.learn(self._choice(), self.version)
                self.lent = self._lend(self.warm, self.version)
        if outcome.ok:
            self.schema = ask_schema(self.version, self.engine, self.environment(), timeout=60)
            self.modifications = overrides.write_overrides(
                self.root,
                self.blocks,
                self.backends,
                self.schema,
                endpoint=self.endpoint,
                account=self.account,
            )
        return outcome

    def _init_warm(self, timeout: float) -> Outcome | None:
        """Have `init` leave out the provider, where it is known which it would choose; None where that fails."""
        if self.warm is None or self.constraints is None:
            return None
        version = self.warm.chosen(self._choice())
        if version is None or (lent := self._lend(self.warm, version)) is None:
            return None
        self.lent = lent
        outcome = self._init(timeout)
        if not outcome.ok:
            self.let_go()
            return None
        self.version = version
        return outcome

    def _choice(self) -> object:
        return (self.constraints, self.engine, self.mirror.versions(self.engine.registry))

    def _lend(self, keeper: Warm, version: str) -> Lent | None:
        program = self.mirror.program(self.engine.registry, version)
        if program is None:
            return None
        # The account and the address are told in the provider block, not here: they differ between architectures.
        env = emulator_environment("http://127.0.0.1:9", "000000000000", self.region)
        socket = self.jail.socket if self.jail is not None else None
        address = f"{self.engine.registry}/hashicorp/aws"
        place = warm.Place(self.root, self.folder or self.root) if self.reads_files else None
        return keeper.lend(program, address, env, self.types, socket=socket, place=place)

    def let_go(self) -> None:
        """Give back the provider process that was lent."""
        if self.lent is not None:
            lent, self.lent = self.lent, None
            lent.give_back()

    def _init(self, timeout: float) -> Outcome:
        done = self._run("init", "-input=false", "-no-color", timeout=timeout)
        logs = _join(done)
        return Outcome(done.ok, done.timed_out, logs, missing=not done.ok and _lacks_provider(logs))

    def provider_version(self) -> str | None:
        """The version of hashicorp/aws in use, None when the configuration needs none."""
        return self.version or installed_version(self.root, self.engine)

    def plan(self, timeout: float) -> tuple[dict[str, dict[str, Any]], Outcome]:
        """Plan, and return what is known of each managed resource, by address; the next apply carries it out."""
        deadline = time.monotonic() + timeout
        done = self._run("plan", "-input=false", "-no-color", f"-out={PLAN}", timeout=timeout)
        if not done.ok:
            return {}, Outcome(False, done.timed_out, _join(done))
        shown = self._run("show", "-json", PLAN, timeout=deadline - time.monotonic())
        try:
            root = json.loads(shown.stdout)["planned_values"].get("root_module", {})
        except (ValueError, KeyError):
            return {}, Outcome(False, shown.timed_out, _join(shown))
        self.planned = True
        return {entry["address"]: entry["attributes"] for entry in _managed(root)}, Outcome(True, False, "")

    def apply(self, timeout: float) -> tuple[TerraformApply, Outcome]:
        """Create the resources; what was created before a failure counts too."""
        self.started_apply = True
        planned, self.planned = (PLAN,) if self.planned else (), False
        done = self._run("apply", "-json", "-auto-approve", "-input=false", *planned, timeout=timeout)
        log = events.parse(done.stdout)
        logs = _cut(log.text + done.stderr)
        applied = TerraformApply(
            success=done.ok,
            resources_created=log.count("create"),
            outputs={},
            logs=logs,
            diagnostics=tuple(log.diagnostics[:50]),
        )
        return applied, Outcome(done.ok, done.timed_out, logs)

    def show(self, timeout: float) -> tuple[dict[str, Any], list[dict[str, Any]], Outcome]:
        """Return the outputs (name to plain value) and the managed resources of the state."""
        done = self._run("show", "-json", timeout=timeout)
        try:
            values = json.loads(done.stdout).get("values", {})
        except ValueError:
            return {}, [], Outcome(False, done.timed_out, _join(done))
        self.sensitive = of_state(values)
        outputs = {name: entry.get("value") for name, entry in values.get("outputs", {}).items()}
        return outputs, list(_managed(values.get("root_module", {}))), Outcome(done.ok, done.timed_out, "")

    def drift(self, timeout: float) -> tuple[tuple[Drift, ...] | None, Outcome]:
        """Plan once more, and return what that plan would change; None where it could not be made."""
        deadline = time.monotonic() + timeout
        words = ("plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode", f"-out={SECOND_PLAN}")
        done = self._run(*words, timeout=timeout)
        if done.ok:
            return (), Outcome(True, False, "")
        if done.returncode != PLAN_HAS_CHANGES or done.timed_out:
            return None, Outcome(False, done.timed_out, _join(done))
        shown = self._run("show", "-json", SECOND_PLAN, timeout=deadline - time.monotonic())
        try:
            return drift.of_plan(json.loads(shown.stdout)), Outcome(True, False, "")
        except ValueError:
            return None, Outcome(False, shown.timed_out, _join(shown))

    def destroy(self, timeout: float, *, target: str | None = None) -> TerraformDestroy:
        """Delete everything that is in the state, or one resource with what depends on it; name what stayed."""
        only = () if target is None else (f"-target={target}",)
        done = self._run("destroy", "-json", "-auto-approve", "-input=false", *only, timeout=timeout)
        log = events.parse(done.stdout)
        return TerraformDestroy(
            success=done.ok,
            resources_destroyed=log.count("delete"),
            leftovers=() if done.ok else tuple(self._left_in_state()),
            # A clean end needs no story.
            logs="" if done.ok else _cut(log.text + done.stderr),
        )

    def test(self, timeout: float) -> TerraformTests:
        """Run the tests that the configuration brings; they make and destroy what they need by themselves."""
        done = self._run("test", "-json", "-no-color", timeout=timeout)
        problem = f"it was ended after {timeout:.0f} s" if done.timed_out else None
        if problem is None and not done.stdout.strip():
            problem = done.describe(lines=3)
        return testing.parse(done.stdout, problem=problem)

    def _left_in_state(self) -> list[str]:
        try:
            left = json.loads((self.root / "terraform.tfstate").read_text())
        except (OSError, ValueError):
            return []
        return [
            f"{entry['module'] + '.' if 'module' in entry else ''}{entry['type']}.{entry['name']}"
            for entry in left.get("resources", [])
            if entry.get("mode") == "managed" and entry.get("instances")
        ]

    def _run(self, *words: str, timeout: float) -> process.Completed:
        env = self.environment()  # which makes the home that the jail needs
        jail = self.jail and self.jail.to(
            write=(self.folder or self.root, self.home),
            read=(self.mirror.folder, *self.engine.paths(), *([self.lent.folder] if self.lent else [])),
        )
        argv = [*self.engine.argv, *words]
        done = process.run(argv, env=env, cwd=self.root, timeout=max(timeout, 1.0), jail=jail)
        if self.lent is not None and (done.timed_out or done.returncode not in {0, PLAN_HAS_CHANGES}):
            self.lent.failed()
        if done.overdone:
            # The emulator has no part in it, and what was made by then is not all there.
            raise ProviderError(f"Terraform was ended, since {done.overdone}")
        return done


def emulator_environment(endpoint: str, account: str, region: str) -> dict[str, str]:
    """The variables that point an SDK at the emulator, and a proxy that leads nowhere for all other hosts."""
    host = urlsplit(endpoint).hostname or ""
    nowhere = "http://127.0.0.1:9"  # the discard port: a request to the real AWS fails at once
    local = f"localhost,127.0.0.1,.localhost,.localhost.localstack.cloud,{host}"
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "NO_PROXY": local,
        "no_proxy": local,
    }


def _managed(module: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for entry in module.get("resources", []):
        if entry.get("mode") == "managed":
            values = entry.get("values", {})
            yield {
                "address": entry["address"],
                "type": entry["type"],
                "name": entry["name"],
                "id": values.get("id"),
                "attributes": values,
            }
    for child in module.get("child_modules", []):
        yield from _managed(child)


def _lacks_provider(logs: str) -> bool:
    # Terraform's init has no structured reason in the versions that we support; these are the summaries of
    # its diagnostics for a provider that no installation method has, and for a version that none has.
    return "Failed to query available provider packages" in logs or "provider registry" in logs


def _join(done: process.Completed) -> str:
    return _cut("\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip()))


def _cut(text: str) -> str:
    if len(text) <= LOG_LIMIT:
        return text
    return f"[... {len(text) - LOG_LIMIT} characters cut ...]\n{text[-LOG_LIMIT:]}"
