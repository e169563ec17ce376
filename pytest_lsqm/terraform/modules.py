"""Remote modules brought into an architecture, and given to Terraform again without a network.

Terraform itself fetches them, with an environment in which nothing of the user's is left but the way to
the registry. What it fetched is moved to `lsqm-modules` (see `analysis.vendored`); before a run, Terraform's
own list of installed modules is written so that it names exactly the folders that the analysis has read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import analysis, process
from pytest_lsqm.analysis import hcl, vendored
from pytest_lsqm.errors import AnalysisError, DiscoveryError, EnvironmentProblem, Unreachable
from pytest_lsqm.terraform import packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.analysis import Configuration
    from pytest_lsqm.analysis.configuration import Module
    from pytest_lsqm.terraform.engine import Engine

SECONDS = 300.0
"""For all modules of a root together."""

MAX_FETCHED = 1024**3
"""Bytes that may lie on the disk while modules are fetched, histories of repositories included."""

MAX_CALLS = 5000
"""Calls of modules in one configuration; local modules that call each other can multiply without end."""

_TRANSIENT = re.compile(
    r"dial tcp|connection re(fused|set)|(i/o|handshake) timeout|Timeout exceeded|timed out|unexpected EOF|: EOF"
    r"|no such host|try again later|Could not resolve host|Failed to connect|Couldn't connect"
    r"|(response code|returned error|status code): ?(429|5\d\d)|unexpected disconnect|early EOF",
    re.IGNORECASE,
)
"""What Terraform and git say where the network or a server failed, and not the module."""


def vendor(engine: Engine, root: Path) -> None:
    """Fetch the remote modules of a root module, those that they call included, into its `lsqm-modules`.

    Raises DiscoveryError for modules that cannot be had or may not be fetched, with nothing changed in the
    folder; Unreachable where another time may do better.
    """
    # Terraform is about to read the local modules wherever they are; their sources are all that is looked at.
    configuration = analysis.load(root, top=Path(root.anchor or os.sep))
    _refuse(objections(configuration))
    with tempfile.TemporaryDirectory(prefix="lsqm-modules-") as place:
        scratch = Path(os.path.realpath(place))
        data = scratch / "data"
        _get(engine, root, data, scratch)
        fetched = _fetched(data / "modules" / vendored.MANIFEST)
        _refuse(_afterwards(configuration, fetched))
        records = packages.collect(fetched, data / "modules", scratch / vendored.FOLDER)
        short = (_without_host(record, engine.registry) for record in records)
        (scratch / vendored.FOLDER / vendored.MANIFEST).write_text(vendored.text_of(short), encoding="utf-8")
        shutil.rmtree(root / vendored.FOLDER, ignore_errors=True)
        shutil.move(scratch / vendored.FOLDER, root / vendored.FOLDER)


def install(configuration: Configuration) -> None:
    """Tell Terraform that the modules which a configuration brings along are installed, as they were analysed.

    For a copy that is about to run: a list of installed modules that lay there is replaced.
    """
    root = configuration.root
    shutil.rmtree(root.path / ".terraform", ignore_errors=True)
    records = vendored.read(root.path, configuration.top)
    if not records:
        return
    entries = [{"Key": "", "Source": "", "Dir": "."}]
    for key, source, module in _calls(root, ()):
        # With the source as it is written Terraform takes the module for the one that is called, and
        # with the folder from the analysis nothing runs that was not looked at.
        entry = {"Key": key, "Source": source, "Dir": module.name}
        if (record := records.get(key)) and record.version:
            entry["Version"] = record.version
        entries.append(entry)
        if len(entries) > MAX_CALLS:
            raise AnalysisError(f"{root.path.name}: its modules are called more than {MAX_CALLS} times in all.")
    folder = root.path / ".terraform" / "modules"
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text(json.dumps({"Modules": entries}), encoding="utf-8")


def objections(configuration: Configuration) -> tuple[str, ...]:
    """Say of each remote module that may not be fetched why, a sentence each."""
    return tuple(
        _objection(module.where(block), block.body.attributes.get("source"))
        for module in configuration.modules
        for block in module.of("module")
        if not _allowed(block.body.attributes.get("source"))
    )


def _allowed(source: Any) -> bool:
    return isinstance(source, str) and (source.startswith(vendored.LOCAL) or vendored.fetchable(source))


def _objection(address: str, source: Any) -> str:
    if not isinstance(source, str):
        return f"{address} has a source that is computed or lacks, so nothing can be fetched for it"
    return (
        f"{address} wants {source[:200]}: only modules of a registry, archives, and git repositories by https "
        "are fetched"
    )


def _refuse(found: Iterable[str]) -> None:
    if sentences := list(found):
        raise DiscoveryError("; ".join(sentences[:5]))


def _afterwards(configuration: Configuration, fetched: list[vendored.Record]) -> Iterator[str]:
    """Say what is wrong with what came: modules in modules that nobody could look at before."""
    called = {block.labels[0] for block in configuration.root.of("module") if block.labels}
    for record in fetched:
        address = ".".join(f"module.{name}" for name in record.key.split("."))
        if not _allowed(record.source):
            yield _objection(address, record.source)
        elif record.key.split(".")[0] not in called and not record.source.startswith(vendored.LOCAL):
            yield f"its Terraform tests call the module {record.source}, and modules of tests are not fetched"


def _fetched(manifest: Path) -> list[vendored.Record]:
    try:
        return [
            vendored.Record(entry["Key"], entry["Source"], entry["Dir"], entry.get("Version"))
            for entry in json.loads(manifest.read_bytes())["Modules"]
            if entry["Key"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DiscoveryError(f"Terraform left no list of the modules that it fetched ({error!r})") from error


def _get(engine: Engine, root: Path, data: Path, scratch: Path) -> None:
    """Run `terraform get` into a data folder of its own, within bounds of time and disk."""
    log = scratch / "get.log"
    words = [*engine.argv, "get", "-no-color"]
    end = time.monotonic() + SECONDS
    with process.Server(words, env=_environment(scratch, data), cwd=root, log=log) as child:
        while child.returncode is None:
            if time.monotonic() > end:
                raise Unreachable(f"its modules cannot be fetched within {SECONDS:.0f} s")
            if packages.size(scratch) > MAX_FETCHED:
                raise DiscoveryError(f"its modules take more than {MAX_FETCHED // 1024**2} MiB to fetch")
            time.sleep(0.1)
        if child.returncode == 0:
            return
        story = child.read_log().replace(f"{data}{os.sep}", "")
    sentence = f"its modules cannot be fetched: {_first_error(story)}"
    raise (Unreachable if _TRANSIENT.search(sentence) else DiscoveryError)(sentence)


def _first_error(story: str) -> str:
    """Give Terraform's first error as one line: its title, and what it says below the place."""
    _, _, rest = story.partition("Error: ")
    title, *details = rest.partition("\nError: ")[0].split("\n\n")
    # The piece of the configuration that Terraform shows is the one paragraph that is indented.
    said = [paragraph for paragraph in details if not paragraph.startswith("  on ")]
    text = " ".join(" ".join([f"{title.strip()}:", *said]).split()).rstrip(":") or "Terraform gave no reason"
    return text if len(text) <= 600 else f"{text[:300]} [...] {text[-300:]}"


def _environment(scratch: Path, data: Path) -> dict[str, str]:
    config, mercurial = scratch / "cli.tfrc", scratch / "hgrc"
    config.write_text(_hosts(), encoding="utf-8")
    # ssh looks up the user's keys wherever HOME points: it must not run at all.
    mercurial.write_text("[ui]\nssh = false\n", encoding="utf-8")
    env = process.base_environment(scratch / "home") | process.proxy_environment()
    if "SSL_CERT_FILE" in env:
        env["GIT_SSL_CAINFO"] = env["SSL_CERT_FILE"]
    return env | {
        "TF_CLI_CONFIG_FILE": str(config),
        "TF_DATA_DIR": str(data),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ALLOW_PROTOCOL": "https:http",
        "GIT_SSH_COMMAND": "false",
        # An empty name ends the list of credential helpers that the machine's settings may have begun.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": "",
        "HGRCPATH": str(mercurial),
        # A machine in a cloud has credentials without a file: they are not for a stranger's bucket.
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_GCE_CHECK": "true",
    }


def _hosts() -> str:
    """Give what the user's CLI configuration says of where registries of modules are, and nothing else of it."""
    path = Path(os.environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc")
    if not path.is_file():
        return ""
    try:
        body = hcl.parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, AnalysisError) as error:
        raise EnvironmentProblem(f"Terraform's CLI configuration cannot be read: {error}") from error
    hosts: dict[str, Any] = {}
    for block in body.nested("host"):
        services = block.body.attributes.get("services")
        address = services.get("modules.v1") if isinstance(services, dict) else None
        if block.labels and isinstance(address, str):
            hosts[block.labels[0]] = {"services": {"modules.v1": address}}
    return json.dumps({"host": hosts}) if hosts else ""


def _calls(module: Module, key: tuple[str, ...]) -> Iterator[tuple[str, str, Module]]:
    """Go through all calls of modules at hand, each before those inside of it: its key, its source, the module."""
    for block in module.of("module"):
        child = module.children.get(block.labels[0]) if block.labels else None
        source = block.body.attributes.get("source")
        if child is not None and isinstance(source, str):
            inner = (*key, block.labels[0])
            yield ".".join(inner), source, child
            yield from _calls(child, inner)


def _without_host(record: vendored.Record, registry: str) -> vendored.Record:
    source = record.source.removeprefix(f"{registry}/")
    return vendored.Record(record.key, source, record.folder, record.version)
