"""An architecture is laid out with all that it brings, before anything is asked of the emulator."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, cast

from pytest_lsqm.emulators.pool import Lease
from pytest_lsqm.models import EmulatorFacts
from pytest_lsqm.validation import Tools
from pytest_lsqm.validation.attempt import Attempt
from pytest_lsqm.validation.stages import prepare
from tests.support.architectures import NO_CLOUD, QUEUE, put

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_lsqm.emulators.pool import Leases
    from pytest_lsqm.terraform.engine import Engine
    from pytest_lsqm.terraform.project import Project
    from pytest_lsqm.terraform.providers import Mirror

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'

CALL = 'module "m" {\n  source = "%s"\n}\n'


def prepared(
    place: Path, engine: Engine, mirror: Mirror, files: Mapping[str, str], folder: str = "."
) -> tuple[Project, Path]:
    """Prepare an architecture for an emulator that is not there, which nothing may notice."""
    store, architecture = put(place / "corpus", files, folder=folder)
    tools = Tools(store, engine, mirror, cast("Leases", None), 60, 30, announce=lambda _: None)
    facts = EmulatorFacts(name="none", version="0")
    lease = Lease("http://127.0.0.1:9", "000000000001", facts, 0, 0, 0)
    attempt = Attempt(tools, architecture, lease, place / "scratch", time.monotonic() + 60)
    (place / "scratch").mkdir()
    prepare(attempt)
    return attempt.deployed(), place / "scratch" / "terraform"


def test_modules_that_it_brings_along_need_no_network(temporary: Path, engine: Engine, mirror: Mirror) -> None:
    entry = {"Key": "m", "Source": "acme/queue/aws", "Version": "1.0.0", "Dir": "lsqm-modules/m"}
    files = {
        "main.tf": CALL % "acme/queue/aws",
        "lsqm-modules/m/main.tf": PROVIDER + QUEUE,
        "lsqm-modules/modules.json": json.dumps({"Modules": [entry]}),
    }
    project, folder = prepared(temporary, engine, mirror, files)
    outcome = project.init(60)
    assert outcome.ok, outcome.logs
    # Its provider is led to the emulator as any other.
    assert (folder / "lsqm-modules/m/zzz_lsqm_override.tf.json").exists()
    assert "lsqm-modules/m/zzz_lsqm_override.tf.json" in {each.file for each in project.modifications}


def test_a_root_may_lie_as_deep_below_its_files_as_it_likes(
    temporary: Path, engine: Engine, mirror: Mirror
) -> None:
    files = {"a/b/c/d/main.tf": CALL % "../../../../shared", "shared/main.tf": NO_CLOUD}
    project, folder = prepared(temporary, engine, mirror, files, folder="a/b/c/d")
    assert project.root == folder / "a/b/c/d"
    assert project.init(60).ok
