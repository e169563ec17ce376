"""A folder that shows a result with nothing of ours installed: Terraform, overrides, app, emulator, a script."""

from __future__ import annotations

import shutil
from importlib import resources
from typing import TYPE_CHECKING

from pytest_lsqm import analysis, settings
from pytest_lsqm.emulators import install
from pytest_lsqm.errors import EnvironmentProblem, UsageError
from pytest_lsqm.models import APP_FILES
from pytest_lsqm.terraform import modules
from pytest_lsqm.terraform.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.models import Architecture, EmulatorFacts, ValidationResult
    from pytest_lsqm.validation.bench import Bench

PORT = 4566
ACCOUNT = "123456789012"

LEFT_BEHIND = (".terraform", ".terraform.lock.hcl", "terraform.tfstate", "terraform.tfstate.backup")

_START = {
    "localstack-host": (
        "GATEWAY_LISTEN=127.0.0.1:$PORT LOCALSTACK_HOST=localhost:$PORT DISABLE_EVENTS=1 DNS_ADDRESS=0 "
        "OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT=$PWD/.emulator/root SQS_ENDPOINT_STRATEGY=off "
        ".emulator/bin/python -m localstack.runtime.main"
    ),
    "ministack": (
        "BIND_HOST=127.0.0.1 GATEWAY_PORT=$PORT MINISTACK_HOST=localhost .emulator/bin/python -m ministack"
    ),
    "moto": ".emulator/bin/python -m moto.server -H 127.0.0.1 -p $PORT",
}
_HEALTH = {"localstack-host": "/_localstack/health", "ministack": "/_ministack/health", "moto": "/moto-api/"}


def write(folder: Path, bench: Bench, architecture: Architecture, result: ValidationResult) -> None:
    """Write everything into a folder that does not exist yet; a UsageError if it does."""
    if folder.exists():
        raise UsageError(f"{folder} is there already; name another with --output")
    folder = folder.absolute()  # Terraform, which is told of it, works in another one
    store = bench.store
    terraform = folder / "terraform"
    shutil.copytree(store.terraform_folder(architecture.hash), terraform)
    (terraform / "metadata.json").unlink(missing_ok=True)
    try:
        region = _override(terraform / architecture.root, terraform, folder, bench)
        app = folder / "app"
        app.mkdir()
        for name in APP_FILES:
            shutil.copyfile(store.app_folder(architecture.hash) / name, app / name)
        _requirements(app / "requirements.txt", result)
        (folder / "emulator-requirements.txt").write_text(_packages(result.emulator))
        (folder / "run.sh").write_text(_script(architecture, result, region))
        (folder / "run.sh").chmod(0o755)
        (folder / "inputs.py").write_text(_resource("inputs.py"))
        (folder / "README.md").write_text(_readme(architecture, result))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _override(root: Path, terraform: Path, folder: Path, bench: Bench) -> str:
    """Have the override files made as for a run, for the address that the script uses; return the region."""
    configuration = analysis.load(root, top=terraform)
    facts = analysis.analyse(configuration)
    project = Project(
        root=root,
        home=folder / ".home",
        engine=bench.engine,
        mirror=bench.mirror,
        endpoint=f"http://127.0.0.1:{PORT}",
        account=ACCOUNT,
        region=facts.region or settings.REGION,
        blocks=facts.provider_blocks,
        backends=facts.backends,
    )
    modules.install(configuration)
    outcome = project.init(timeout=300.0)
    if not outcome.ok:
        raise EnvironmentProblem(f"terraform init failed, so its override files cannot be made:\n{outcome.logs}")
    for name in LEFT_BEHIND:
        path = root / name
        if name == ".terraform" and path.is_dir():
            # Modules that were fetched stay, providers are Terraform's to fetch.
            shutil.rmtree(path / "providers", ignore_errors=True)
            (path / "terraform.tfstate").unlink(missing_ok=True)
            if not any(path.iterdir()):
                path.rmdir()
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(folder / ".home", ignore_errors=True)
    return project.region


def _requirements(path: Path, result: ValidationResult) -> None:
    """Pin the SDK, which is part of what was seen."""
    pinned = [
        f"{name}=={result.versions[name]}" for name in ("boto3", "botocore", "pytest") if name in result.versions
    ]
    kept = [
        line
        for line in path.read_text().splitlines()
        if not line.lower().startswith(("boto3", "botocore", "pytest=", "pytest>", "pytest<", "pytest~"))
        and line.strip().lower() != "pytest"
    ]
    path.write_text("\n".join([*pinned, *kept, "pytest-timeout"]) + "\n")


def _packages(facts: EmulatorFacts | None) -> str:
    if facts is None or facts.name not in _START or facts.python is None:
        return "# the emulator is no package of PyPI's\n"
    minor = ".".join(facts.python.split(".")[:2])
    folder = install.folder_of(facts.name, facts.version, minor)
    found = install.Environment(folder).packages() if folder.is_dir() else ()
    if not found:
        raise EnvironmentProblem(
            f"{facts.name} {facts.version} is not installed here, so what it is made of is not known: "
            f"lsqm setup --emulator {facts.name}@{facts.version}"
        )
    return "\n".join(found) + "\n"


def _script(architecture: Architecture, result: ValidationResult, region: str) -> str:
    facts = result.emulator
    name = facts.name if facts else "endpoint"
    python = f"python{'.'.join(facts.python.split('.')[:2])}" if facts and facts.python else "python3"
    start = _START.get(name)
    if name == "localstack" and facts is not None:
        start = f"docker run --rm -p 127.0.0.1:$PORT:4566 localstack/localstack:{facts.version}"
    return (
        _resource("run.sh")
        .replace("@PYTHON@", python if name in _START else "")
        .replace("@START@", start or "")
        .replace("@HEALTH@", _HEALTH.get(name, "/_localstack/health"))
        .replace("@ROOT@", architecture.root)
        .replace("@ACCOUNT@", ACCOUNT)
        .replace("@REGION@", region)
        .replace("@PORT@", str(PORT))
    )


def _readme(architecture: Architecture, result: ValidationResult) -> str:
    facts, cause = result.emulator, result.cause
    emulator = f"{facts.name} {facts.version}" if facts else "an emulator"
    lines = [
        f"# {architecture.name or architecture.hash} on {emulator}",
        "",
        f"Seen on {result.started_at:%Y-%m-%d}: {result.status}. {result.error_message or ''}",
        "",
        *([f"Put down to: {cause.kind.replace('_', ' ')}, {cause.operation or '-'}."] if cause else []),
        *(f"    {line}" for line in (cause.proof if cause else ())),
        "",
        "`./run.sh` installs the emulator and the SDK into this folder, starts the one, deploys `terraform/`,",
        "runs the tests in `app/`, and destroys what it made. It wants Terraform, the Python that it names, and",
        "a network. With `ENDPOINT=http://127.0.0.1:4566` it uses the emulator that is there.",
        "",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in sorted(result.versions.items())),
        *(f"- {part}" for part in (facts.substitutions if facts else ()) if part),
    ]
    return "\n".join(lines) + "\n"


def _resource(name: str) -> str:
    return (resources.files("pytest_lsqm.validation") / "repro" / name).read_text(encoding="utf-8")
