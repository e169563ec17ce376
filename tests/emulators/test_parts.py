"""The helpers that LocalStack would download: fetched once, checked, and as it expects them."""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from pytest_lsqm import process
from pytest_lsqm.emulators import parts
from pytest_lsqm.errors import EmulatorError

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")
needs_java = pytest.mark.skipif(parts.java_home()[0] is None, reason="no Java 17 is here")


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LSQM_CACHE", str(tmp_path))
    return tmp_path


@needs_npm
def test_a_package_is_fetched_once_and_unpacked(cache: Path) -> None:
    said: list[str] = []
    folders = {parts.npm_package("kinesis-local", "0.5.2", said.append) for _ in range(2)}
    assert len(said) == 1
    assert (folders.pop() / "main.js").is_file()
    assert not list((cache / "parts").glob(".building*"))


@needs_npm
def test_a_package_that_is_not_what_was_published_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parts._INTEGRITY, ("kinesis-local", "0.5.2"), "AAAA==")
    with pytest.raises(EmulatorError, match="its SHA-512 differs"):
        parts.npm_package("kinesis-local", "0.5.2", lambda _: None)
    assert not parts.package_folder("kinesis-local", "0.5.2").exists()


def test_a_package_without_a_checksum_is_never_fetched(cache: Path) -> None:
    with pytest.raises(EmulatorError, match="has no checksum"):
        parts.npm_package("left-pad", "1.0.0", lambda _: None)


def test_without_npm_the_message_says_npm(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EmulatorError, match="npm is not on PATH"):
        parts.npm_package("kinesis-local", "0.5.2", lambda _: None)


@needs_java
def test_the_agent_is_one_that_java_takes(tmp_path: Path) -> None:
    parts.write_agent(tmp_path / "agent.jar")
    assert zipfile.ZipFile(tmp_path / "agent.jar").testzip() is None
    home, _ = parts.java_home()
    assert home is not None
    argv: list[str | Path] = [home / "bin" / "java", f"-javaagent:{tmp_path / 'agent.jar'}", "-version"]
    done = process.run(argv, env=process.base_environment(tmp_path / "home"), timeout=30)
    assert done.ok, done.stderr


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (None, "needs Java 17 on PATH"),
        ("echo '    java.home = /j'; echo '    java.specification.version = 11'", "the one on PATH is 11"),
        ("echo '    java.home = /j'; echo '    java.specification.version = 1.8'", "the one on PATH is 8"),
        ("exit 1", "does not say what it is"),
        ("echo '    java.home = /j j'; echo '    java.specification.version = 21'", ""),
    ],
)
def test_a_java_that_is_too_old_or_missing_is_a_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str | None, reason: str
) -> None:
    if script is not None:
        (tmp_path / "java").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    parts.java_home.cache_clear()
    home, found = parts.java_home()
    parts.java_home.cache_clear()
    assert reason in found
    assert (home == Path("/j j")) is (reason == "")


def test_the_version_of_kinesis_is_read_from_localstack_itself(tmp_path: Path) -> None:
    assert parts.kinesis_version(tmp_path) is None
    folder = tmp_path / "services" / "kinesis"
    folder.mkdir(parents=True)
    (folder / "packages.py").write_text('_KINESIS_MOCK_VERSION = os.environ.get("X") or "0.5.2"\n')
    assert parts.kinesis_version(tmp_path) == "0.5.2"


def test_nothing_of_an_archive_lands_outside_its_folder(tmp_path: Path) -> None:
    archive = tmp_path / "evil.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("package/good/x.txt", "package/../../out.txt", "/abs.txt", "other/y.txt"):
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
        link = tarfile.TarInfo("package/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    parts._unpack(archive, tmp_path / "in" / "target")
    assert [str(p.relative_to(tmp_path)) for p in sorted(tmp_path.rglob("*")) if not p.is_dir()] == [
        "evil.tgz",
        "in/target/good/x.txt",
    ]
