"""What there is to look for in each service: data in `services/*.toml`, whose words are explained here.

A table `[service.kind]` is one kind of thing:

`made_by`: the operations by which one comes into being, or after which something lies within one.
`list`: the operation with its parameters that lists them.
`ids`: a JMESPath expression over the answer, such as the AWS CLI's `--query` takes. What everybody has from the
beginning, and what is over and only still listed, is left out by it. It yields texts, which are called `{id}`
below, or objects with an `id`, whose other keys are names too.
`look`, `over`: an operation that tells more of one, and a JMESPath condition on its answer by which it is none.
`none`: the code of the error that means that there are none.
`first`: what lies within one and goes before it: `list`, `ids` (objects, whose keys are the names), `delete`.
`delete`: operations with parameters, called in turn. `"{name}"` is what has that name, of whatever type, and
`{name:last}` in a text the part after its last slash. Whether they are refused means nothing: whether the thing is
still listed does.

`service.leaves_nothing` are operations (`*` for the rest of a name) whose names sound as if they made something,
and which make nothing that could be listed, or nothing that lies outside of something else's life.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Call = tuple[str, dict[str, Any]]
"""An operation with its parameters, which may hold names in braces."""

_MAKES = re.compile(r"(?:Create|Put|Run|Register|Import|Request|Allocate|Copy|Restore|Purchase)[A-Z]")
_NAME = re.compile(r"\{(\w+)(:last)?\}")


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of thing that an account may hold, or that lies within another one."""

    service: str
    name: str
    list: Call
    ids: str
    made_by: frozenset[str] = frozenset()
    look: Call | None = None
    over: str = ""
    none: str = ""
    first: tuple[Kind, ...] = ()
    delete: tuple[Call, ...] = ()

    def calls(self) -> Iterator[Call]:
        """Yield every call that it may take."""
        yield self.list
        if self.look:
            yield self.look
        yield from self.delete
        for inner in self.first:
            yield from inner.calls()


@dataclass(frozen=True)
class Service:
    """What is known of one service."""

    kinds: tuple[Kind, ...] = ()
    leaves_nothing: frozenset[str] = frozenset()


@functools.cache
def services() -> Mapping[str, Service]:
    """Return what is known, by the SDK's names of the services."""
    found = {}
    for file in sorted(
        (resources.files("pytest_lsqm.emulators.leftovers") / "services").iterdir(), key=lambda file: file.name
    ):
        for name, about in tomllib.loads(file.read_text(encoding="utf-8")).items():
            kinds = tuple(_kind(name, kind, told) for kind, told in about.items() if isinstance(told, dict))
            found[name] = Service(kinds, frozenset(about.get("leaves_nothing", ())))
    return found


@functools.cache
def operations(service: str) -> frozenset[str]:
    """Return every operation of a service that may be called."""
    return frozenset(name for kind in services()[service].kinds for name, _ in kind.calls())


def kinds_made_by(operation: str) -> tuple[Kind, ...] | None:
    """Return the kinds of things that `service.Operation` may have made; None where that is not known."""
    name, _, action = operation.partition(".")
    service = services().get(name, Service())
    found = tuple(kind for kind in service.kinds if action in kind.made_by)
    if (
        not found
        and _MAKES.match(action)
        and not any(fnmatchcase(action, each) for each in service.leaves_nothing)
    ):
        return None
    return found


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    """Return parameters with the names in them replaced."""
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, names) for each in value]
    if not isinstance(value, str):
        return value
    if (whole := _NAME.fullmatch(value)) and not whole[2]:
        return names[whole[1]]
    return _NAME.sub(lambda found: _part(str(names[found[1]]), found[2]), value)


def _part(text: str, which: str | None) -> str:
    return text.rsplit("/", maxsplit=1)[-1] if which else text


def _kind(service: str, name: str, told: Mapping[str, Any]) -> Kind:
    return Kind(
        service=service,
        name=name.replace("_", " "),
        list=_call(told["list"]),
        ids=told["ids"],
        made_by=frozenset(told.get("made_by", ())),
        look=_call(told["look"]) if "look" in told else None,
        over=told.get("over", ""),
        none=told.get("none", ""),
        first=tuple(_kind(service, name, inner) for inner in told.get("first", ())),
        delete=tuple(_call(each) for each in told.get("delete", ())),
    )


def _call(told: Mapping[str, Any]) -> Call:
    ((name, parameters),) = told.items()
    return name, parameters
