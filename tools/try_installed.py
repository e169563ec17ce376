"""What a stranger does first with the installed package: `tox -e wheel` runs it outside the checkout.

    python tools/try_installed.py [EMULATOR]

Uses nothing but the package that the interpreter has; ends with 1 if anything is not as it should be.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

TERRAFORM = """
resource "aws_sqs_queue" "orders" {
  name                       = "orders"
  visibility_timeout_seconds = 45
}

output "url" {
  value = aws_sqs_queue.orders.id
}
"""


def main() -> int:
    """Run doctor, schema and one folder of Terraform, and look at what they say."""
    emulator = sys.argv[1] if len(sys.argv) > 1 else "localstack-host"
    programs = Path(sys.executable).parent
    spec = find_spec("pytest_lsqm")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if package == Path(__file__).resolve().parents[1] / "pytest_lsqm":
        return _say(f"{package} is the checkout, not what was installed")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "queue").mkdir()
        (folder / "queue" / "main.tf").write_text(TERRAFORM)
        doctor = _run(folder, programs / "lsqm", "doctor", "--json")
        schema = _run(folder, programs / "lsqm", "schema")
        words = ("--lsqm-emulator", emulator, "--lsqm-json", "run.json", "-p", "no:cacheprovider")
        ran = _run(folder, programs / "pytest", "--lsqm", "queue", *words)
        for done in (doctor, schema, ran):
            if done.returncode:
                return _say(f"{done.args} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        if "run" not in json.loads(schema.stdout):
            return _say(f"`lsqm schema` does not know a run: {schema.stdout[:500]}")
        told = json.loads((folder / "run.json").read_text())
        (result,) = told["results"]
        tests = result["pytest_results"]
        if result["status"] != "PASSED" or not tests["passed"]:
            return _say(f"the queue is {result['status']}: {result.get('error_message')}")
    _say(
        f"{package}: doctor, schema, and a queue on {told['run']['config']['emulator']['name']}: "
        f"{result['status']}, {tests['passed']} tests"
    )
    return 0


def _run(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, words)], cwd=folder, capture_output=True, text=True, timeout=900, check=False)


def _say(text: str) -> int:
    print(text)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
