"""The variables of the Serverless Framework, `${source:address, fallback}`, resolved without running anything.

What only an account, a shell or a program knows stays unresolved: a mark in the text, by which whatever uses it
can be told apart, with the reason. The same goes for what CloudFormation knows by a pseudo parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.discovery.serverless import loading
from pytest_lsqm.discovery.serverless.draft import Cannot
from pytest_lsqm.discovery.serverless.syntax import Reference, Variable, parse
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_lsqm.discovery.serverless.syntax import Term

MAX_NODES = 200_000
MAX_TEXT = 1024 * 1024
MAX_DEPTH = 60

DEFAULTS = {"stage": "dev", "region": "us-east-1"}
"""What the framework takes where neither the command line nor the provider says."""

_PSEUDO = {"region": "AWS::Region", "accountId": "AWS::AccountId", "partition": "AWS::Partition"}
_PSEUDO_MARK = re.compile(r"\x00(AWS::\w+)\x00")
_LOST_MARK = re.compile(r"\x01(\d+)\x01")
_OLD_PSEUDO = re.compile(r"#\{(AWS::\w+)\}")
"""How the plugin serverless-pseudo-parameters wrote them."""

_ELSEWHERE = {
    "ssm": "a parameter of somebody's account",
    "s3": "a file in somebody's bucket",
    "cf": "an output of another stack",
    "git": "what a plugin reads from git",
    "output": "an output of another service",
    "state": "the state of another service",
    "terraform": "an output of a Terraform state",
    "vault": "a secret of somebody's vault",
    "doppler": "a secret of somebody's vault",
}


class _Missing(Exception):
    """A source gives nothing, and why."""


@dataclass
class Variables:
    """Resolves what a service's configuration says; files are read inside of `top` only."""

    config: dict[str, Any]
    folder: Path
    top: Path
    reasons: list[str] = field(default_factory=list)
    _nodes: int = 0
    _under_way: list[str] = field(default_factory=list)

    def resolve(self, value: Any, depth: int = 0) -> Any:
        """Return a value with all its variables resolved; unresolvable ones leave a mark in a text.

        Raises DiscoveryError where the variables unfold without an end in sight.
        """
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise DiscoveryError("its variables unfold to more than can be read")
        if isinstance(value, dict):
            return {str(key): self.resolve(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.resolve(inner, depth + 1) for inner in value]
        return self._text(value, depth) if isinstance(value, str) else value

    def lost(self, value: Any) -> str | None:
        """Return why a resolved value is incomplete, None where all of it is known."""
        for text in _texts(value):
            for mark in _LOST_MARK.finditer(text):
                if (number := int(mark[1])) < len(self.reasons):
                    return self.reasons[number]
        return None

    def require(self, value: Any) -> None:
        """Raise Cannot where a resolved value is incomplete."""
        if why := self.lost(value):
            raise Cannot(why)

    def _text(self, text: str, depth: int) -> Any:
        text = _OLD_PSEUDO.sub("\0\\1\0", re.sub("[\0\1]", "", text))
        parts = parse(text)
        if len(parts) == 1 and isinstance(parts[0], Variable):
            return self._variable(parts[0], depth)
        return self._joined(parts, depth)

    def _joined(self, parts: list[str | Variable], depth: int) -> str:
        found = []
        for part in parts:
            value = part if isinstance(part, str) else self._variable(part, depth)
            if isinstance(value, dict | list) and isinstance(part, Variable):
                value = self._unresolved(f"${{{shown(part.text)}}} is no text, and stands in the middle of one")
            found.append(value if isinstance(value, str) else _word(value))
        joined = "".join(found)
        if len(joined) > MAX_TEXT:
            raise DiscoveryError("its variables unfold to more than can be read")
        return joined

    def _unresolved(self, reason: str) -> str:
        if reason not in self.reasons:
            self.reasons.append(reason)
        return f"\1{self.reasons.index(reason)}\1"

    def _variable(self, variable: Variable, depth: int) -> Any:
        """Return what the first source that has a value gives."""
        whys = []
        for term in variable.terms:
            try:
                value = self._term(term, depth + 1)
            except _Missing as why:
                whys.append(str(why))
                continue
            if value is not None or not isinstance(term, Reference):
                return value
            whys.append("is not to be found")
        # The command line gives these two where anybody deploys: its own defaults are as good as any.
        for term in variable.terms:
            if isinstance(term, Reference) and term.source == "opt":
                address = self._joined(term.address or [], depth)
                if address in DEFAULTS:
                    return DEFAULTS[address]
        return self._unresolved(f"${{{shown(variable.text)}}} {whys[0] if whys else 'says nothing'}")

    def _term(self, term: Term, depth: int) -> Any:
        if isinstance(term, Variable):
            value = self._variable(term, depth)
            if isinstance(value, str) and (why := self.lost(value)):
                raise _Missing(f"needs {why}")
            return value
        if not isinstance(term, Reference):
            return term.value
        address = self._joined(term.address, depth) if term.address is not None else ""
        params = self._joined(term.params, depth) if term.params is not None else ""
        for text in (address, params):
            if why := self.lost(text):
                raise _Missing(f"needs {why}")
        if source := self._sources().get(term.source):
            return source(params, address, depth)
        raise _Missing(f"is {_ELSEWHERE.get(term.source, 'resolved by a plugin, which is a program')}")

    def _sources(self) -> dict[str, Callable[[str, str, int], Any]]:
        return {
            "self": lambda _, address, depth: self._own(address, depth),
            "opt": lambda _, address, __: _missing(
                f"is an option of the command line, --{address}, with no default"
            ),
            "env": lambda _, address, __: _missing(
                f"is a variable of the environment, {address}, with no default"
            ),
            "sls": lambda _, address, depth: self._sls(address, depth),
            "file": self._file,
            "aws": lambda _, address, __: self._aws(address),
            "param": lambda _, address, depth: self._param(address, depth),
            "strToBool": lambda params, _, __: _boolean(params),
        }

    def _own(self, address: str, depth: int) -> Any:
        found = self._guarded(address, lambda: self._inside(self.config, address, depth))
        return DEFAULTS.get(address.removeprefix("provider.")) if found is None and "." in address else found

    def _inside(self, value: Any, address: str, depth: int) -> Any:
        """Walk down a configuration, and resolve what is found there but nothing beside it."""
        for key in address.split(".") if address else ():
            if isinstance(value, str):
                value = self._text(value, depth)
            if isinstance(value, str) and (why := self.lost(value)):
                raise _Missing(f"needs {why}")
            if isinstance(value, dict):
                value = value.get(key)
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                return None
        return self.resolve(value, depth)

    def _stage(self, depth: int) -> Any:
        return (
            self._guarded("the stage", lambda: self._inside(self.config, "provider.stage", depth))
            or DEFAULTS["stage"]
        )

    def _sls(self, address: str, depth: int) -> Any:
        if address == "stage":
            return self._stage(depth)
        raise _Missing("is known only while the framework runs")

    def _aws(self, address: str) -> str:
        if address not in _PSEUDO:
            raise _Missing("is nothing that the framework knows of AWS")
        return f"\0{_PSEUDO[address]}\0"

    def _param(self, address: str, depth: int) -> Any:
        stage = self._stage(depth)
        for place in (f"stages.{stage}.params", f"params.{stage}", "stages.default.params", "params.default"):
            holder = self._inside(self.config, place, depth)
            if isinstance(holder, dict) and holder.get(address) is not None:
                return holder[address]
        raise _Missing("is a parameter that is given at the deployment, with no default")

    def _file(self, params: str, address: str, depth: int) -> Any:
        try:
            content = loading.included(self.folder, params, self.top)
        except DiscoveryError as error:
            raise _Missing(str(error)) from error
        if content is None:
            raise _Missing("is a file that is not there")
        # A part may refer to another part of the same file, as long as it does not lead back.
        return self._guarded(f"file({params}):{address}", lambda: self._inside(content, address, depth))

    def _guarded(self, what: str, resolved: Callable[[], Any]) -> Any:
        """Resolve something that must not need itself on the way."""
        if what in self._under_way:
            raise _Missing("refers to itself")
        self._under_way.append(what)
        try:
            return resolved()
        finally:
            self._under_way.pop()


def _missing(reason: str) -> Any:
    raise _Missing(reason)


def _boolean(text: str) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if text.strip().strip("'\"").lower() not in known:
        raise _Missing("is neither true nor false")
    return known[text.strip().strip("'\"").lower()]


def _word(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def finish(value: Any, *, in_sub: bool = False) -> Any:
    """Return a resolved value in which the marks of pseudo parameters are CloudFormation's own words for them."""
    if isinstance(value, dict):
        return {key: finish(inner, in_sub=in_sub or key == "Fn::Sub") for key, inner in value.items()}
    if isinstance(value, list):
        # Of the two parts of a long Fn::Sub only the first is a text with `${...}` in it.
        return [finish(inner, in_sub=in_sub and not number) for number, inner in enumerate(value)]
    if not isinstance(value, str) or not _PSEUDO_MARK.search(value):
        return value
    if in_sub:
        return _PSEUDO_MARK.sub(r"${\1}", value)
    parts = [{"Ref": part} if at % 2 else part for at, part in enumerate(_PSEUDO_MARK.split(value))]
    kept = [part for part in parts if part]
    return kept[0] if len(kept) == 1 else {"Fn::Join": ["", kept]}
