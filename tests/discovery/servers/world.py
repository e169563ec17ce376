"""A small world to look for architectures in: 300 candidates in 56 packages, 60 of which can run.

Nothing in it is left to chance, and an archive is made when somebody asks for it.
"""

from __future__ import annotations

import gzip
import os
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from tests.discovery.servers import candidates
from tests.discovery.servers.candidates import Candidate
from tests.discovery.servers.github import Codeload, GitHubServer, Repository
from tests.discovery.servers.registry import Module, RegistryServer
from tests.discovery.test_git import GitServer
from tests.support.archives import Entry, link, tar_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "ghp_of_the_world"
MODULES, REPOSITORIES = 24, 24
SERVICES, APPS = 24, 30
PARTS = 6
"""Candidates of a repository."""

DUPLICATES = 12
"""Candidates that have the content of another one."""

BIRTH = datetime(2024, 1, 1, tzinfo=UTC)

GIT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass
class Package:
    """A module or repository; `candidates` by their path in it, `entries` what its archive has besides."""

    name: str
    source: str
    number: int
    candidates: dict[str, Candidate] = field(default_factory=dict)
    entries: tuple[Entry, ...] = (Entry("README.md", b"# A package\n"),)
    edition: int = 0

    @property
    def version(self) -> str:
        return f"1.{self.edition}.0"

    @property
    def time(self) -> str:
        when = BIRTH + timedelta(days=self.number) + timedelta(hours=self.edition)
        return when.strftime("%Y-%m-%dT%H:%M:%SZ")

    def files(self) -> dict[str, bytes]:
        """Return all its candidates' files by their path."""
        found = {
            f"{_folder(path, candidate)}{name}": text.encode()
            for path, candidate in self.candidates.items()
            for name, text in candidate.files.items()
        }
        if self.edition and (path := self.changing()):
            found[f"{path}/main.tf"] += f'\noutput "edition" {{\n  value = {self.edition}\n}}\n'.encode()
        return found

    def changing(self) -> str | None:
        """Return the path of the one candidate that is another in each edition, if one of them can run."""
        return next((path for path, each in self.candidates.items() if each.reason is None), None)

    def archive(self) -> bytes:
        """Pack it as GitHub does, in a single folder."""
        top = f"{self.name.replace('/', '-')}-{self.edition}"
        ours = (Entry(f"{top}/{path}", content) for path, content in self.files().items())
        more = (
            Entry(f"{top}/{each.name}", each.content, each.kind, each.target, each.mode) for each in self.entries
        )
        return gzip.compress(tar_of(*ours, *more), compresslevel=1, mtime=0)


def _folder(path: str, candidate: Candidate) -> str:
    # What is no Terraform yet goes by the path of its main file.
    parent, _, last = path.rpartition("/")
    folder = parent if last in candidate.files else path
    return "" if folder == "." else f"{folder}/"


class World:
    """The packages, and the servers that have them while `serve` lasts."""

    def __init__(self) -> None:
        self.registry = RegistryServer()
        self.codeload = Codeload()
        self.github = GitHubServer(token=TOKEN, codeload=self.codeload)
        self.git: GitServer | None = None
        self.packages = {each.name: each for each in (*_modules(), *_repositories(), *_samples(), *_hostile())}

    @property
    def candidates(self) -> list[Candidate]:
        """Every candidate, duplicates included."""
        return [each for package in self.packages.values() for each in package.candidates.values()]

    @property
    def runnable(self) -> list[Candidate]:
        """The candidates that can run, each content once."""
        kinds = {each.kind: each for each in self.candidates if each.reason is None}
        return list(kinds.values())

    def sources_toml(self) -> str:
        """Return what the store's `sources.toml` must say to find all of it."""
        return (
            f'[terraform_registry]\nurl = "{self.registry.address}"\n'
            'namespaces = ["acme", "hostile"]\nsearches = ["world"]\n\n'
            '[github]\nowners = ["infra", "samples"]\n'
            'repositories = ["samples/*-terraform", "lone/wolf"]\nsearches = ["language:HCL world"]\n'
            "largest = 50_000\n\n"
            '[serverless]\nrepositories = ["serverless/examples"]\n\n'
            '[cdk]\nrepositories = ["aws-samples/aws-cdk-examples"]\n'
        )

    def environment(self) -> dict[str, str]:
        """Return the variables by which GitHub's API is this one."""
        return {"GITHUB_API_URL": self.github.address, "GITHUB_TOKEN": TOKEN}

    def change(self, name: str) -> str | None:
        """Publish a new edition of a package, and return the path of the one candidate that is another now."""
        package = self.packages[name]
        package.edition += 1
        self._publish(package)
        return package.changing()

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Self]:
        """Start the servers; repositories of git go into a folder."""
        (folder / "git").mkdir(parents=True)
        with ExitStack() as stack:
            for server in (self.registry, self.codeload, self.github):
                stack.enter_context(server)
            self.git = GitServer(folder / "git")
            stack.callback(self.git.close)
            for package in self.packages.values():
                self._publish(package)
            for repository in _left_out(self.packages["infra/stacks-0"]):
                self.github.repositories[repository.full_name] = repository
            self.registry.modules.append(Module("acme", "elsewhere", "azurerm"))
            yield self

    def _publish(self, package: Package) -> None:
        if package.source == "terraform_registry":
            module = self._module(package)
            self.registry.modules = [each for each in self.registry.modules if each.id != module.id] + [module]
            return
        self.github.repositories[package.name] = Repository(
            package.name,
            package.archive,
            pushed_at=package.time,
            code=["language:HCL world"] if package.name.startswith("found/") else [],
        )

    def _module(self, package: Package) -> Module:
        namespace, name, provider = package.name.split("/")
        return Module(
            namespace,
            name,
            provider,
            package.version,
            published_at=package.time,
            get=self._get(package, name),
            archive=(lambda: b"<html>no archive</html>") if name == "no-archive" else package.archive,
        )

    def _get(self, package: Package, name: str) -> str | None:
        """Choose among the ways in which a registry says where a module lies."""
        if name == "no-file":
            return "{url}/archives/none.tar.gz"
        assert self.git is not None
        if name == "no-commit" or package.number % 4 == 2:
            commit = _commit(self.git.root / f"{name}.git", package)
            return f"git::{self.git.url(f'{name}.git')}?ref={'0' * 40 if name == 'no-commit' else commit}"
        if name == "no-archive":
            return None
        if package.number % 4 == 1:
            return "./archive.tar.gz?archive=tar.gz"
        if package.number % 4 == 3:
            full_name = f"modules/terraform-aws-{name}"
            self.github.repositories[full_name] = Repository(full_name, package.archive, pushed_at=package.time)
            return f"{self.github.address}/repos/{full_name}/tarball/v{package.version}//*?archive=tar.gz"
        return None


def _modules() -> Iterator[Package]:
    """Modules of four candidates: the module, which wants a value, and three examples, one of which can run."""
    for number in range(MODULES):
        can_run = candidates.calling(number) if number % 2 else candidates.runnable(number)
        inner = (can_run, candidates.refused(2 * number), candidates.refused(2 * number + 1))
        found = {".": candidates.module(number), **{f"examples/{each.kind}": each for each in inner}}
        yield Package(f"acme/part-{number}/aws", "terraform_registry", number, found)


def _repositories() -> Iterator[Package]:
    """Repositories of six candidates, found by their owner, by a glob, by their name and by a search.

    One or two can run, one is a template, and in the first of them one has the content of a module's example.
    """
    names = [f"infra/stacks-{number}" for number in range(REPOSITORIES - 6)]
    names += ["samples/a-terraform", "samples/b-terraform", "lone/wolf"]
    names += [f"found/by-search-{number}" for number in range(3)]
    for number, name in enumerate(names):
        stack = candidates.template(number)
        inner = [candidates.runnable(MODULES + 2 * number + each) for each in range(1 + number % 2)]
        inner += [candidates.runnable(2 * number)] if number < DUPLICATES else []
        inner += [candidates.refused(100 + 7 * number + each) for each in range(PARTS - 1 - len(inner))]
        found = {f"stacks/{each.kind}": each for each in inner}
        yield Package(name, "github", number, {**found, f"templates/{stack.kind}.yaml": stack})


def _samples() -> Iterator[Package]:
    services = {f"{each.kind}/serverless.yml": each for each in map(candidates.service, range(SERVICES))}
    yield Package("serverless/examples", "serverless", 60, services)
    apps = {f"{each.kind}/cdk.json": each for each in map(candidates.app, range(APPS))}
    yield Package("aws-samples/aws-cdk-examples", "cdk", 61, apps)


def _hostile() -> Iterator[Package]:
    """Packages that nothing is taken of, though what lies in them could run."""
    entries = {
        "hostile/link-out/aws": link("examples/out", "../../../../etc"),
        "infra/leads-up": Entry("../../evil.tf"),
        "infra/huge": Entry("huge.bin", bytes(51 * 1024 * 1024)),
        "hostile/no-archive/aws": Entry("x"),
        "hostile/no-file/aws": Entry("x"),
        "hostile/no-commit/aws": Entry("x"),
    }
    for number, (name, entry) in enumerate(entries.items(), start=80):
        made = candidates.runnable(1000 + number)
        source = "terraform_registry" if name.startswith("hostile/") else "github"
        nothing = Candidate(made.kind, made.files, "its package is refused")
        yield Package(name, source, number, {".": nothing}, (entry,))


def _left_out(like: Package) -> Iterator[Repository]:
    """Repositories that are not to be looked into at all, each with something that could run."""
    yield Repository("infra/archived", like.archive, archived=True)
    yield Repository("infra/fork", like.archive, fork=True)
    yield Repository("infra/large", like.archive, size=50_001)
    yield Repository("samples/other", like.archive)


def _commit(repository: Path, package: Package) -> str:
    """Add a commit of what a package holds to a repository that is served, and return it."""
    ours = {**package.files(), **{each.name: each.content for each in package.entries}}
    stream = b"commit refs/heads/main\ncommitter a <a@example.com> 1700000000 +0000\ndata 1\nx\ndeleteall\n"
    for path, content in ours.items():
        stream += b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
    if not repository.exists():
        _git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    _git("-C", str(repository), "fast-import", "--quiet", "--force", given=stream)
    return _git("-C", str(repository), "rev-parse", "main").decode().strip()


def _git(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", *words], env=GIT, input=given, capture_output=True, check=True, timeout=60
    ).stdout
