"""What an app may rely on: its environment, its files, its folder, and that nothing of the caller's leaks in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lsqm.subsession import Deployment
from pytest_lsqm.terraform.project import emulator_environment
from tests.support.apps import Runner, judge, outcomes
from tests.support.files import snapshot

if TYPE_CHECKING:
    import pytest

REPORT_ENVIRONMENT = """
import json, os

def test_it():
    with open("seen.json", "w") as file:
        json.dump(dict(os.environ), file)
"""

DEPLOYMENT = Deployment(
    environment=emulator_environment("http://127.0.0.1:4566", "123456789012", "eu-west-1"),
    outputs={"queue_url": "http://127.0.0.1:4566/q", "ports": [1, 2], "nothing": None, "näme": {"ü": "✓"}},
    resources=[
        {
            "address": 'module.a["x"].aws_sqs_queue.q',
            "type": "aws_sqs_queue",
            "name": "q",
            "id": "q-1",
            "attributes": {"delay_seconds": 3},
        }
    ],
)


def test_the_environment_holds_the_contract_and_nothing_else(apps: Runner) -> None:
    apps.run(REPORT_ENVIRONMENT, deployment=DEPLOYMENT)
    seen = apps.read("seen.json")
    contract = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
    }
    assert contract.items() <= seen.items()
    start = {"PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "PYTHONDONTWRITEBYTECODE"}
    proxies = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"}
    pytests = {"PYTEST_VERSION", "PYTEST_CURRENT_TEST", "PYTEST_DISABLE_PLUGIN_AUTOLOAD"}
    lsqm = {"LSQM_OUTPUTS", "LSQM_RESOURCES", "AWS_EC2_METADATA_DISABLED"}
    assert set(seen) - pytests == (set(contract) | start | proxies | lsqm)


def test_no_token_home_or_proxy_of_the_caller_reaches_the_app(
    apps: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = "only-the-caller-may-know"
    names = (
        *("GITHUB_TOKEN", "ANTHROPIC_API_KEY", "LOCALSTACK_AUTH_TOKEN", "AWS_SESSION_TOKEN", "AWS_PROFILE"),
        *("AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "http_proxy", "ALL_PROXY", "UV_INDEX_URL", "PIP_INDEX_URL"),
        *("SSL_CERT_FILE", "LSQM_CACHE", "XDG_CONFIG_HOME", "PYTHONPATH", "PYTHONSTARTUP", "LD_LIBRARY_PATH"),
    )
    for name in names:
        monkeypatch.setenv(name, f"{tmp_path}/{secret}")
    caller = tmp_path / "the-callers-home"
    caller.mkdir()
    monkeypatch.setenv("HOME", str(caller))
    apps.run(REPORT_ENVIRONMENT, deployment=DEPLOYMENT)
    seen = apps.read("seen.json")
    assert [name for name, value in seen.items() if secret in value or str(caller) in value] == []
    assert Path(seen["HOME"]).is_relative_to(tmp_path / "scratch")
    assert Path(seen["TMPDIR"]).is_relative_to(tmp_path / "scratch")


def test_outputs_and_resources_are_files_that_hold_what_was_deployed(apps: Runner) -> None:
    apps.run(
        """
        import json, os

        def test_it():
            seen = [json.load(open(os.environ[name])) for name in ("LSQM_OUTPUTS", "LSQM_RESOURCES")]
            with open("seen.json", "w") as file:
                json.dump(seen, file)
        """,
        deployment=DEPLOYMENT,
    )
    assert apps.read("seen.json") == [DEPLOYMENT.outputs, list(DEPLOYMENT.resources)]


def test_an_app_runs_in_its_scratch_copy_and_leaves_its_folder_in_the_store_alone(apps: Runner) -> None:
    report = apps.run(
        """
        import json, os, pathlib
        import app

        def test_it():
            here = pathlib.Path(__file__).parent
            seen = [os.getcwd(), str(here), str(pathlib.Path(app.__file__).parent)]
            (here / "seen.json").write_text(json.dumps(seen))
        """
    )
    assert outcomes(report) == {"test_it": "passed"}
    assert apps.read("seen.json") == [str(apps.copy)] * 3
    assert sorted(snapshot(apps.stored)) == ["app.py", "conftest.py", "requirements.txt", "test_app.py"]


def test_only_the_four_files_of_an_app_are_run(apps: Runner) -> None:
    apps.stored.mkdir()
    for name, text in {
        "conftest.py": "",
        "app.py": "",
        "test_app.py": "def test_it(): pass\n",
        "requirements.txt": "pytest\n",
        "pytest.ini": "[pytest]\naddopts = --collect-only\n",
        "test_more.py": "def test_more(): assert 0\n",
    }.items():
        (apps.stored / name).write_text(text)
    from pytest_lsqm import subsession

    report = subsession.run_app(apps.stored, DEPLOYMENT, apps.tmp_path / "scratch", timeout=60, test_timeout=30)
    assert outcomes(report) == {"test_it": "passed"}


def test_settings_of_the_folder_that_pytest_was_called_in_do_not_leak_in(
    apps: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`tmp_path` is the working folder and lies above the scratch folder: pytest would find both files."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\npython_functions = nothing_*\n")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('the conftest of the caller')\n")
    monkeypatch.chdir(tmp_path)
    report = apps.run("def test_it(): pass\n")
    assert judge(report).status == "PASSED"
    assert outcomes(report) == {"test_it": "passed"}


def test_pytest_variables_of_the_caller_do_not_leak_in(apps: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    monkeypatch.setenv("PYTEST_PLUGINS", "a_plugin_that_is_not_there")
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw7")
    report = apps.run("import os\ndef test_it(): assert 'PYTEST_XDIST_WORKER' not in os.environ\n")
    assert judge(report).status == "PASSED"


def test_plugins_of_the_tools_environment_are_none_of_the_apps(apps: Runner) -> None:
    apps.run(
        """
        import json

        def test_it(pytestconfig):
            names = [name for name, _ in pytestconfig.pluginmanager.list_name_plugin() if _ is not None]
            with open("seen.json", "w") as file:
                json.dump(names, file)
        """
    )
    seen = apps.read("seen.json")
    assert "pytest_timeout" in seen
    assert [name for name in seen if "lsqm" in name or "xdist" in name or "cacheprovider" in name] == []


def test_an_app_cannot_read_from_the_callers_standard_input(apps: Runner) -> None:
    report = apps.run("import sys, os\ndef test_it(): assert os.read(0, 1) == b''\n")
    assert judge(report).status == "PASSED"


def test_the_folder_that_pytest_was_called_in_is_not_on_the_apps_search_path(
    apps: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "boto3.py").write_text("raise RuntimeError('not the boto3 that was asked for')\n")
    monkeypatch.chdir(tmp_path / "here")
    apps.run(
        """
        import boto3, json, sys

        def test_it():
            with open("seen.json", "w") as file:
                json.dump([sys.path, sys.flags.isolated, sys.executable], file)
        """
    )
    path, isolated, executable = apps.read("seen.json")
    assert (isolated, executable) == (1, sys.executable)
    assert not {str(tmp_path / "here"), ""} & set(path)


def test_the_files_that_tell_what_was_deployed_are_no_part_of_the_collected_folder(apps: Runner) -> None:
    apps.run(REPORT_ENVIRONMENT, deployment=DEPLOYMENT)
    seen = apps.read("seen.json")
    for name in ("LSQM_OUTPUTS", "LSQM_RESOURCES"):
        assert not Path(seen[name]).is_relative_to(apps.copy)
        assert json.loads(Path(seen[name]).read_text(encoding="utf-8")) is not None
