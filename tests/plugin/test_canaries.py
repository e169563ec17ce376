"""Credentials are planted everywhere, and nothing that is written or shown has one of them."""

from __future__ import annotations

import json
import os
import secrets
import string
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugin.conftest import Corpus

pytestmark = pytest.mark.slow


def letters(count: int) -> str:
    return "aZ3" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count - 3))


IN_ENVIRONMENT = {
    "LOCALSTACK_AUTH_TOKEN": f"tok{letters(20)}",
    "GITHUB_TOKEN": f"gt-{letters(24)}",
    "ANTHROPIC_API_KEY": f"ak-{letters(24)}",
    "WAREHOUSE_PASSWORD": f"pw {letters(10)}/'{letters(8)}",
}
SHAPED = {
    "github": f"ghp_{letters(36)}",
    "aws": "AKIA" + "".join(secrets.choice("ABCDEFGH234567") for _ in range(16)),
    "aws_secret": f"{letters(19)}/{letters(20)}",
    "slack": f"xoxb-{letters(24)}",
    "npm": f"npm_{letters(36)}",
    "jwt": f"eyJ{letters(20)}.eyJ{letters(30)}.{letters(40)}",
    "url": letters(14),
    "pem": letters(64),
}
SENSITIVE = {"variable": f"v.{letters(18)}", "output": f"o.{letters(18)}", "attribute": f"a.{letters(18)}"}
CANARIES = {**IN_ENVIRONMENT, **SHAPED, **SENSITIVE}
PEM = f"-----BEGIN PRIVATE KEY-----\n{SHAPED['pem']}\n-----END PRIVATE KEY-----\n"
PLAIN = [*IN_ENVIRONMENT.values()] + [
    f"postgres://orders:{text}@db/x" if kind == "url" else PEM if kind == "pem" else text
    for kind, text in SHAPED.items()
]
LEAKS = [*SENSITIVE.values(), *PLAIN]

TERRAFORM = f"""
variable "login" {{
  default   = {json.dumps(SENSITIVE["variable"])}
  sensitive = true
}}
resource "aws_ssm_parameter" "login" {{
  name  = "/canary"
  type  = "SecureString"
  value = {json.dumps(SENSITIVE["attribute"])}
}}
resource "aws_sqs_queue" "orders" {{
  name = "orders"
  tags = {{ {", ".join(f"k{number} = {json.dumps(text)}" for number, text in enumerate(PLAIN))} }}
}}
output "queue" {{ value = aws_sqs_queue.orders.arn }}
output "plain" {{ value = {json.dumps(PLAIN)} }}
output "db_password" {{ value = {json.dumps(SENSITIVE["output"])} }}
output "login" {{
  value     = var.login
  sensitive = true
}}
"""
REFUSED = """
variable "number" { default = 1 }
variable "login" {
  default   = LOGIN
  sensitive = true
}
resource "terraform_data" "refused" {
  lifecycle {
    precondition {
      condition     = var.number == 2
      error_message = MESSAGE
    }
  }
}
"""
APP = f"""
import os, urllib.request

LEAKS = {LEAKS!r}

def test_it_says_them():
    for text in LEAKS:
        print("said:", text)
    assert LEAKS == ["something else"], "\\n".join(LEAKS)

def test_it_compares_lines():
    assert {PEM!r} == "no key\\n"

def test_it_sends_them_to_the_emulator():
    for text in LEAKS:
        urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/moto-api/?" + urllib.parse.quote(text))
    raise KeyError(LEAKS[0])
"""


@pytest.fixture
def temporary() -> Iterator[Path]:
    # Short: Terraform's plugins listen on sockets below it.
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        yield Path(folder)


def planted(data: bytes) -> list[str]:
    """Return which canaries, or what is left of one, are in what was written."""
    return [name for name, text in CANARIES.items() if text.encode() in data or text[:12].encode() in data]


def test_no_credential_gets_into_anything_that_is_written_or_shown(corpus: Corpus, temporary: Path) -> None:
    corpus.add("tells", TERRAFORM, APP)
    message = json.dumps(f"refused: {SENSITIVE['variable']} {' '.join(PLAIN)}: told")
    refused = REFUSED.replace("MESSAGE", message).replace("LOGIN", json.dumps(SENSITIVE["variable"]))
    small: Any = {"services": ("sqs",), "resource_count": 1}
    corpus.add("refused", refused, "def test_yes(): pass\n", **small)
    corpus.add(
        "broken", 'output "x" { value = 1 }', f"raise ValueError({' '.join(PLAIN)!r} + ': told')\n", **small
    )
    began = time.time()
    environment: Any = IN_ENVIRONMENT
    done = corpus.pytest(
        *("--lsqm-emulator=moto", "-vv", "--junitxml=junit.xml", "-o", "junit_logging=all"),
        *(
            "--lsqm-json=run.json",
            "--log-json=log.json",
            "--lsqm-baseline=latest",
            f"--deselect={IN_ENVIRONMENT['GITHUB_TOKEN']}",
        ),
        **environment,
        TMPDIR=str(temporary),
    )
    assert "1 failed, 2 errors" in done.stdout or "2 failed, 1 error" in done.stdout, done.stdout + done.stderr
    results = corpus.results()
    assert {name: result["status"] for name, result in results.items()} == {
        "tells": "FAILED",
        "refused": "FAILED",
        "broken": "ERROR",
    }
    _they_were_really_told(results)
    written = {"terminal": (done.stdout + done.stderr).encode()}
    for path in _files(corpus, temporary, began):
        written[str(path)] = path.read_bytes()
    assert {name: found for name, data in written.items() if (found := planted(data))} == {}


def _they_were_really_told(results: dict[str, dict[str, object]]) -> None:
    """What is masked stood there: a test that plants nothing would be green too."""
    told = results["tells"]
    applied, tests, logs = told["terraform_apply"], told["pytest_results"], str(told["container_logs"])
    assert isinstance(applied, dict)
    assert isinstance(tests, dict)
    assert applied["outputs"]["login"] == "(sensitive)"
    assert applied["outputs"]["db_password"] == "***"
    assert applied["outputs"]["queue"].startswith("arn:aws:sqs:us-east-1:")
    assert applied["outputs"]["plain"].count("***") == len(PLAIN) - 2
    assert "postgres://orders:***@db/x" in applied["outputs"]["plain"]
    assert tests["output"].count("said: ***") >= len(LEAKS) - 1
    assert logs.count("/moto-api/?***") >= len(LEAKS) - 3
    assert "refused: *** ***" in str(results["refused"]["error_message"])
    assert "could not be collected" in str(results["broken"]["error_message"])


def _files(corpus: Corpus, temporary: Path, began: float) -> Iterator[Path]:
    """Everything that the run has written: the corpus's own sources are what it was given."""
    ours = [path for place in (corpus.root, corpus.work, temporary) for path in place.rglob("*")]
    given = [corpus.root / "apps", *(corpus.root / "architectures" / key for key in corpus.hashes.values())]
    given += [corpus.work / f"source-{name}" for name in corpus.hashes]
    yield from (path for path in ours if path.is_file() and not any(path.is_relative_to(at) for at in given))
    for folder, _, names in os.walk(cache_folder()):
        for path in (Path(folder, name) for name in names):
            if path.is_file() and path.stat().st_mtime >= began - 1 and path.stat().st_size < 2**20:
                yield path
