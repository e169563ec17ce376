"""`--lsqm-changed`: nothing is found out twice, and nothing is taken for known that is not."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.corpus import Store
from pytest_lsqm.models import GateOutcome
from tests.cli.test_commands import lsqm
from tests.corpus.records import START
from tests.plugin.conftest import FAILS, HALF, TOPIC, Corpus, make_app
from tests.support.files import write_tree

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

YES = "def test_yes():\n    assert True\n"
PROGRAM = "registry.terraform.io/hashicorp/aws/3.39.0/linux_amd64/terraform-provider-aws_v3.39.0"


def stubbed(corpus: Corpus, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run on an emulator that can be identified, and notice whether one is started."""
    known = {
        "STUB_DIGEST": "packages:1",
        "STUB_MIRROR": str(corpus.work / "mirror"),
        "STUB_PLUGIN": str(corpus.work / "plugin"),
        "STUB_STARTED": str(corpus.work / "started"),
    }
    (corpus.work / "started").unlink(missing_ok=True)
    return corpus.stubbed(*arguments, **(known | variables))


def furnish(corpus: Corpus) -> Corpus:
    write_tree(corpus.work, {f"mirror/{PROGRAM}": "a provider", "plugin/__init__.py": "a plugin"})
    return corpus


def started(corpus: Corpus) -> bool:
    return (corpus.work / "started").exists()


def runs(corpus: Corpus) -> list[str]:
    return [run.run_id for run in corpus.store.runs()]


def origins(corpus: Corpus) -> dict[str, str | None]:
    return {name: (result.get("reused") or {}).get("run_id") for name, result in corpus.results().items()}


def cases(path: Path) -> dict[str | None, list[str]]:
    return {case.get("name"): [child.tag for child in case] for case in ET.parse(path).getroot().iter("testcase")}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_what_is_as_it_was_is_not_run_again_and_is_a_result_of_this_run(
    corpus: Corpus, workers: tuple[str, ...]
) -> None:
    furnish(corpus)
    for name, test in (("good", YES), ("half", HALF), ("bad", FAILS)):
        corpus.add(name, TOPIC, test)
    first = stubbed(corpus, *workers, "--junitxml=first.xml")
    assert (first.returncode, started(corpus)) == (1, True)
    (origin,) = runs(corpus)
    before, then = corpus.results(), corpus.store.refresh_index()
    for number, asked in ((2, ["--lsqm-changed"]), (3, ["-o", "lsqm_changed=true"])):
        done = stubbed(corpus, *workers, *asked, "-v", "-rA", "--junitxml=again.xml", "--log-json=log.jsonl")
        assert (done.returncode, started(corpus)) == (1, False), done.stdout
        assert len(runs(corpus)) == number
        # From where it was really obtained, never from a run that reused it too.
        assert origins(corpus) == {"good": origin, "half": origin, "bad": origin}
    assert f"3 reused from run {origin} of " in done.stdout
    for word in ("PASSED REUSED", "PARTIAL REUSED", "FAILED REUSED"):
        assert any(line.startswith(word) for line in done.stdout.splitlines()), "the short summary says it"
    assert "reused from run" in done.stdout
    alone = [line for line in done.stdout.splitlines() if line.startswith("run it alone: ")]
    assert all(line.endswith("-o lsqm_changed=false") for line in alone)
    assert alone
    assert cases(corpus.work / "again.xml") == cases(corpus.work / "first.xml")
    events = [json.loads(line) for line in (corpus.work / "log.jsonl").read_text().splitlines()]
    assert [event["reused_from"] for event in events if event["event"] == "architecture"] == [origin] * 3
    assert not [event for event in events if event["event"] in {"stage", "emulator_start"}]
    own = {"run_id", "reused"}
    after = corpus.results()
    assert {name: {key: told for key, told in each.items() if key not in own} for name, each in after.items()} == {
        name: {key: told for key, told in each.items() if key not in own} for name, each in before.items()
    }
    latest = corpus.store.runs()[-1]
    assert (latest.summary.total, latest.summary.reused, latest.summary.passed) == (3, 3, 1)
    assert latest.config.emulator is not None
    assert latest.config.emulator.digest == "packages:1"
    _the_index_remembers_how_long_it_took(corpus, then.architectures)
    assert corpus.store.regressions() == []


def _the_index_remembers_how_long_it_took(corpus: Corpus, then: Any) -> None:
    for key, entry in corpus.store.refresh_index().architectures.items():
        assert (entry.last_seconds, entry.last_status) == (0.2, then[key].last_status)
        assert entry.last_validated is not None
        assert entry.last_validated > then[key].last_validated


def other_architecture(corpus: Corpus) -> None:
    with (corpus.store.terraform_folder(corpus.hashes["one"]) / "main.tf").open("a") as stream:
        stream.write("# a word more\n")


def other_app(corpus: Corpus) -> None:
    corpus.replace_app("one", f"{YES}# a word more\n")


def other_gate(corpus: Corpus) -> None:
    gate = GateOutcome(passed=True, checked_at=START, emulator="stub 1.0")
    app = make_app(corpus.hashes["one"], YES).model_copy(update={"gate": gate})
    corpus.store.add_app(app, replace=True)


def other_provider(corpus: Corpus) -> None:
    (corpus.work / "mirror" / PROGRAM).write_text("a provider of the same name")


def newer_provider(corpus: Corpus) -> None:
    write_tree(corpus.work, {f"mirror/{PROGRAM.replace('3.39.0', '3.40.0')}": "a provider that init may prefer"})


def other_plugin(corpus: Corpus) -> None:
    (corpus.work / "plugin" / "__init__.py").write_text("a plugin of the same version")


CHANGES: dict[str, tuple[str, Callable[[Corpus], None] | None, tuple[str, ...], dict[str, str]]] = {
    "architecture": ("architecture", other_architecture, (), {}),
    "app": ("app", other_app, (), {}),
    "emulator": ("emulator", None, (), {"STUB_DIGEST": "packages:2"}),
    "provider": ("provider", other_provider, (), {}),
    "newer provider": ("provider", newer_provider, (), {}),
    "terraform": ("terraform", None, (), {"STUB_TERRAFORM": "1.1"}),
    "boto3": ("sdk", None, (), {"STUB_SDK": "1.0"}),
    "plugin": ("plugin", other_plugin, (), {}),
    "gate": ("settings", other_gate, (), {}),
    "timeout": ("settings", None, ("--lsqm-timeout=299",), {}),
    "test timeout": ("settings", None, ("--lsqm-test-timeout=59",), {}),
    "isolation": ("settings", None, ("--lsqm-isolation=fresh",), {}),
    "sandbox": ("settings", None, ("--lsqm-sandbox=off",), {}),
    "warm": ("settings", None, (), {"LSQM_WARM": "0"}),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A corpus of one, with a run."""
    place = tmp_path_factory.mktemp("changed")
    (place / "work").mkdir()
    made = furnish(Corpus(place / "store", place / "work"))
    Store.create(made.root)
    made.add("one", TOPIC, YES)
    assert stubbed(made).returncode == 0
    return made


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_of_it_changed_it_is_run_again(ran: Corpus, tmp_path: Path, what: str) -> None:
    shutil.copytree(ran.root, tmp_path / "store")
    shutil.copytree(ran.work, tmp_path / "work")
    corpus = Corpus(tmp_path / "store", tmp_path / "work", ran.hashes)
    part, change, arguments, variables = CHANGES[what]
    if change is not None:
        change(corpus)
    done = stubbed(corpus, "--lsqm-changed", *arguments, **variables)
    assert (done.returncode, started(corpus)) == (0, True), done.stdout
    assert origins(corpus) == {"one": None}
    assert "reused from" not in done.stdout
    told = next(line for line in done.stdout.splitlines() if "not reused: " in line)
    assert part in told.removeprefix("1 not reused: another ").removesuffix(" (1)").split(", ")


def test_under_other_settings_too_what_is_recorded_is_what_is_foreseen(corpus: Corpus) -> None:
    furnish(corpus).add("one", TOPIC, YES)
    for change in (other_gate, newer_provider):
        change(corpus)
    told = [argument for _, _, arguments, _ in CHANGES.values() for argument in arguments]
    variables = {name: value for *_, given in CHANGES.values() for name, value in given.items()}
    for executed in (True, False):
        done = stubbed(corpus, "--lsqm-changed", *told, **variables)
        assert (done.returncode, started(corpus)) == (0, executed), done.stdout


def test_an_emulator_that_cannot_be_identified_is_asked_again(corpus: Corpus) -> None:
    furnish(corpus).add("one", TOPIC, YES)
    for _ in range(2):
        done = stubbed(corpus, "--lsqm-changed", STUB_DIGEST="")
        assert (done.returncode, started(corpus), origins(corpus)) == (0, True, {"one": None})
        assert "lsqm: --lsqm-changed reuses nothing here: what runs as auto cannot be known exactly" in done.stdout
    asked = stubbed(corpus, "--lsqm-changed", "--lsqm-dry-run")
    assert "lsqm: which of these would be reused is found out when they are run" in asked.stdout
    assert "lsqm: would run one" in asked.stdout


def test_what_executes_programs_depends_on_more_than_can_be_known(corpus: Corpus) -> None:
    furnish(corpus).add("one", TOPIC, YES, executes=("local-exec",))
    for _ in range(2):
        done = stubbed(corpus, "--lsqm-changed", "--lsqm-allow-exec")
        assert (done.returncode, origins(corpus)) == (0, {"one": None})
    assert "1 not reused: executes programs (1)" in done.stdout


def test_a_regression_is_declared_from_what_was_borne_out_and_a_fix_from_what_passed(corpus: Corpus) -> None:
    furnish(corpus).add("one", TOPIC, YES)
    stubbed(corpus)
    corpus.replace_app("one", FAILS)
    assert stubbed(corpus, "--lsqm-changed").returncode == 1
    assert [each["status"] for each in corpus.results()["one"]["attempts"]] == ["FAILED", "FAILED"]
    corpus.replace_app("one", YES)
    mended = stubbed(corpus, "--lsqm-changed")
    assert (mended.returncode, origins(corpus)) == (0, {"one": runs(corpus)[0]})
    assert "FIXED one: FAILED → PASSED" in mended.stdout
    corpus.replace_app("one", FAILS)
    fallen = stubbed(corpus, "--lsqm-changed")
    assert (fallen.returncode, started(corpus), origins(corpus)) == (1, False, {"one": runs(corpus)[1]})
    assert "REGRESSION one: PASSED → FAILED [app]" in fallen.stdout
    compared = lsqm("compare", runs(corpus)[2], runs(corpus)[3], "--corpus", corpus.root, cwd=corpus.work)
    assert compared.returncode == 1
    assert "REGRESSION one: PASSED → FAILED" in compared.stdout
    assert compared.stdout.count("0 of 1 passed, 1 of the results reused") == 1
    corpus.replace_app("one", YES)
    stubbed(corpus, "--lsqm-changed")
    corpus.replace_app("one", FAILS)
    harder = stubbed(corpus, "--lsqm-changed", "--lsqm-confirm=2")
    assert (harder.returncode, started(corpus)) == (1, True)
    assert "1 not reused: a regression to be confirmed (1)" in harder.stdout
    assert [found.attempts for found in corpus.store.regressions()] == [2, 2, 3]


def test_shards_reuse_what_is_theirs_and_the_merged_run_says_so(corpus: Corpus) -> None:
    furnish(corpus)
    for number in range(4):
        corpus.add(f"topic-{number}", TOPIC, YES)
    assert stubbed(corpus).returncode == 0
    (origin,) = runs(corpus)
    shutil.copytree(corpus.root, corpus.work / "target")
    for number in (1, 2):
        document = f"--lsqm-json=shard-{number}.json"
        done = stubbed(corpus, "--lsqm-changed", f"--lsqm-shard={number}/2", "-n", "2", document)
        assert (done.returncode, started(corpus)) == (0, False), done.stdout
        assert f"2 reused from run {origin}" in done.stdout
        shutil.rmtree(corpus.root)  # each has its own store, as it was
        shutil.copytree(corpus.work / "target", corpus.root)
    merged = lsqm("merge", "shard-1.json", "shard-2.json", "--corpus", corpus.root, cwd=corpus.work)
    assert merged.returncode == 0, merged.stderr
    assert set(origins(corpus).values()) == {origin}
    assert corpus.store.runs()[-1].summary.reused == 4
