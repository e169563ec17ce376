"""Options: their twins, and what a wrong one says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.conftest import Corpus

USAGE_ERROR = 4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--lsqm-emulator=localstak"], "there is no emulator 'localstak'"),
        (["--lsqm-timeout=soon"], "--lsqm-timeout takes a number of seconds above 0, not 'soon'"),
        (["--lsqm-timeout=-1"], "--lsqm-timeout takes a number of seconds above 0"),
        (["--lsqm-test-timeout=nan"], "--lsqm-test-timeout takes a number of seconds above 0"),
        (["--lsqm-baseline=yesterday"], "--lsqm-baseline takes latest, none or the id of a run"),
        (["--lsqm-baseline=550e8400-e29b-41d4-a716-446655440000"], "there is no run 550e8400"),
        (["--lsqm-json=/no/such/folder/run.json"], "the folder /no/such/folder does not exist"),
        (["--lsqm-report=/no/such/folder/run.html"], "--lsqm-report: the folder /no/such/folder does not exist"),
        (["--lsqm-report=/tmp"], "--lsqm-report: /tmp is a folder; name a file"),
        (["--lsqm-isolation=none"], "invalid choice: 'none'"),
        (["-o", "lsqm_fail_on=often"], "lsqm_fail_on = often: choose one of any, regression, never"),
        (["--lsqm-emulator=https://sqs.eu-west-1.amazonaws.com"], "amazonaws.com"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_exit_code_4(
    corpus: Corpus, arguments: list[str], sentence: str
) -> None:
    corpus.add("orders")
    done = corpus.pytest(*arguments)
    assert done.returncode == USAGE_ERROR
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert not corpus.store.runs()


def test_a_folder_that_is_no_store_is_named_with_the_next_step(corpus: Corpus) -> None:
    done = corpus.pytest("--lsqm-corpus=/no/such/store")
    assert done.returncode == USAGE_ERROR
    assert "/no/such/store" in done.stderr
    assert "lsqm add" in done.stderr


def test_every_option_has_an_ini_twin(corpus: Corpus) -> None:
    corpus.add("orders")
    (corpus.work / "pytest.ini").write_text(
        f"[pytest]\nlsqm = true\nlsqm_corpus = {corpus.root}\nlsqm_emulator = moto\nlsqm_dry_run = true\n"
        "lsqm_timeout = 7\nlsqm_test_timeout = 8\nlsqm_isolation = fresh\nlsqm_fail_on = never\n"
        "lsqm_baseline = none\nlsqm_providers = mirror\nlsqm_allow_exec = true\nlsqm_json = run.json\n"
        "lsqm_emulator_version = 5\nlsqm_log_json = log.jsonl\nlsqm_shard = 2/3\n"
        "lsqm_report = run.html\nlsqm_changed = true\n"
    )
    (corpus.work / "conftest.py").write_text(
        "def pytest_sessionstart(session):\n"
        "    settings = session.config.pluginmanager.getplugin('lsqm-session').settings\n"
        "    print('SETTINGS', settings)\n"
    )
    done = corpus.pytest("-s", "--collect-only")
    shown = next(line for line in done.stdout.splitlines() if "SETTINGS" in line)
    for part in (
        "emulator='moto'",
        "emulator_version='5'",
        "isolation='fresh'",
        "timeout=7.0",
        "test_timeout=8.0",
        "fail_on='never'",
        "baseline='none'",
        "providers='mirror'",
        "dry_run=True",
        "changed=True",
        "allow_exec=True",
        f"json={corpus.work / 'run.json'!r}",
        f"log_json={corpus.work / 'log.jsonl'!r}",
        "shard=(2, 3)",
        f"report={corpus.work / 'run.html'!r}",
    ):
        assert part in shown


def test_the_command_line_comes_before_the_ini_file_and_that_before_the_environment(corpus: Corpus) -> None:
    corpus.add("orders")
    (corpus.work / "conftest.py").write_text(
        "def pytest_sessionstart(session):\n"
        "    print('T', session.config.pluginmanager.getplugin('lsqm-session').settings.timeout)\n"
    )
    assert "T 11.0" in corpus.pytest("-s", "--collect-only", LSQM_TIMEOUT="11").stdout
    ini = ("-o", "lsqm_timeout=12")
    assert "T 12.0" in corpus.pytest("-s", "--collect-only", *ini, LSQM_TIMEOUT="11").stdout
    both = corpus.pytest("-s", "--collect-only", *ini, "--lsqm-timeout=13", LSQM_TIMEOUT="11")
    assert "T 13.0" in both.stdout
