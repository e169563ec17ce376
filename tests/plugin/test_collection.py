"""Which tests a corpus has, and how they are selected: nothing is deployed here."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from pytest_lsqm.settings import TRIES
from pytest_lsqm.validation import stages
from tests.plugin.conftest import TOPIC, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugin.conftest import Corpus


def collected(corpus: Corpus, *arguments: str) -> list[str]:
    done = corpus.pytest("--collect-only", "-q", *arguments)
    return sorted(line.rsplit("::", 1)[1] for line in done.stdout.splitlines() if "::" in line)


def test_each_architecture_is_one_test_named_by_its_hash_and_its_name(corpus: Corpus) -> None:
    arch_hash = corpus.add("orders")
    done = corpus.pytest("--collect-only", "-q")
    assert done.returncode == 0
    assert f"architectures/{arch_hash}::orders" in done.stdout


def test_the_node_id_that_collection_prints_selects_that_test(corpus: Corpus) -> None:
    corpus.add("orders")
    arch_hash = corpus.add("news", TOPIC)
    path = f"{corpus.root}/architectures/{arch_hash}::news"
    assert collected(corpus, path) == ["news"]
    assert collected(corpus, f"{corpus.root}/architectures/{arch_hash}") == ["news"]


def test_services_hashes_and_names_select(corpus: Corpus) -> None:
    corpus.add("orders")
    arch_hash = corpus.add("news", TOPIC)
    assert collected(corpus, "-k", "service_sqs") == ["orders"]
    assert collected(corpus, "-m", "service_sns") == ["news"]
    assert collected(corpus, "-k", arch_hash) == ["news"]
    assert collected(corpus, "-k", "orders") == ["orders"]
    assert collected(corpus, "-m", "not service_sns", "--strict-markers") == ["orders"]


def test_two_architectures_of_one_name_get_different_tests(corpus: Corpus) -> None:
    corpus.add("one", called="shared")
    corpus.add("two", called="shared")
    names = collected(corpus)
    assert len(set(names)) == 2
    assert all(name.startswith("shared-") for name in names)


def test_collection_opens_no_file_of_an_architecture(corpus: Corpus) -> None:
    arch_hash = corpus.add("orders")
    corpus.pytest("--collect-only")  # writes the index
    for path in (corpus.root / "architectures" / arch_hash).iterdir():
        if path.suffix == ".tf":
            path.unlink()
            path.mkdir()  # opening it fails now, even for root
    assert collected(corpus) == ["orders"]


def test_a_conftest_among_the_files_of_an_architecture_is_not_imported(corpus: Corpus) -> None:
    arch_hash = corpus.add("orders")
    folder = corpus.root / "architectures" / arch_hash
    (folder / "conftest.py").write_text("raise SystemExit('a stranger ran')\n")
    for argument in (str(corpus.root), str(folder), f"{folder}::orders"):
        assert collected(corpus, argument) == ["orders"]


def test_the_conftest_of_an_app_is_not_imported_when_its_folder_is_named(corpus: Corpus) -> None:
    folder = corpus.root / "apps" / corpus.add("orders")
    (folder / "conftest.py").write_text("raise SystemExit('an app ran')\n")
    done = corpus.pytest("--collect-only", "-q", str(folder / "test_app.py"))
    assert "an app ran" not in done.stdout + done.stderr
    assert "test_app.py" in done.stderr, "and pytest says that it is no test of this run"


def test_the_collectors_do_not_grow_in_number_with_the_corpus(corpus: Corpus) -> None:
    (corpus.work / "counting.py").write_text(
        "started = []\n"
        "def pytest_collectstart(collector):\n"
        "    started.append(collector)\n"
        "def pytest_terminal_summary(terminalreporter):\n"
        "    terminalreporter.write_line(f'{len(started)} collectors')\n"
    )

    def collectors() -> str:
        done = corpus.pytest("--collect-only", "-q", "-p", "counting", PYTHONPATH=str(corpus.work))
        return next(line for line in done.stdout.splitlines() if line.endswith(" collectors"))

    corpus.add("orders")
    of_one = collectors()
    for number in range(5):
        corpus.add(f"more-{number}")
    assert len(collected(corpus)) == 6
    assert collectors() == of_one


def test_pytest_timeout_ends_nothing_that_may_still_be_judged(corpus: Corpus) -> None:
    """Each try, and each that confirms, may be made again twice, and has the whole time."""
    corpus.add("orders")
    (corpus.work / "asking.py").write_text(
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        marker = item.get_closest_marker('timeout')\n"
        "        print('backstop', marker.args, marker.kwargs)\n"
    )
    words = ("--collect-only", "-q", "-s", "-p", "asking", "--lsqm-timeout=100", "--lsqm-confirm=2")
    done = corpus.pytest(*words, PYTHONPATH=str(corpus.work))
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("backstop")]
    seconds = float(told.partition("(")[2].partition(",")[0])
    one_try = 100 + stages.DESTROY_TIMEOUT + stages.DRIFT_TIMEOUT + stages.TERRAFORM_TEST_TIMEOUT
    assert seconds > TRIES * (1 + 2) * one_try


def test_the_apps_of_a_corpus_are_never_collected_as_tests_of_their_own(corpus: Corpus) -> None:
    corpus.add("orders")
    assert collected(corpus, str(corpus.root)) == ["orders"]


def test_a_name_cannot_break_out_of_its_node_id(corpus: Corpus) -> None:
    corpus.add("orders", called="a::b/c[d]\x1b[31m ../e")
    assert collected(corpus) == ["a--b-c-d---31m-..-e"]


def test_without_the_option_the_plugin_loads_nothing_heavy_and_collects_nothing(corpus: Corpus) -> None:
    corpus.add("orders")
    (corpus.work / "test_modules.py").write_text(
        "import sys\n"
        "def test_modules():\n"
        "    heavy = {'pydantic', 'hcl2', 'testcontainers', 'boto3', 'uv', 'filelock', 'platformdirs'}\n"
        "    assert not heavy & set(sys.modules)\n"
        "    assert sum(name.startswith('pytest_lsqm') for name in sys.modules) == 3\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "pytest_lsqm.plugin", "."],
        cwd=corpus.work,
        # Other plugins that happen to be installed load what they like.
        env=environment() | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_path_arguments_are_collected_instead_of_the_corpus(corpus: Corpus, tmp_path: Path) -> None:
    corpus.add("orders")
    (corpus.work / "test_other.py").write_text("def test_other():\n    pass\n")
    done = corpus.pytest("--collect-only", "-q", "test_other.py")
    assert "test_other.py::test_other" in done.stdout
    assert "orders" not in done.stdout
