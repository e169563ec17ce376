"""An account of a shared emulator when an architecture is over: what is still there, and its removal."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_lsqm.emulators.leftovers import table
from pytest_lsqm.emulators.leftovers.asking import Account, Refused
from pytest_lsqm.models import Cleaning, Leftover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_lsqm.emulators.leftovers.table import Call, Kind

PAUSES = (0.0, 0.2, 1.0, 3.0)
"""Seconds before each further look at what was to be removed: some things take a moment to go."""

BUDGET = 20.0
"""Seconds for all of the removing: what an emulator has not given up by then, it keeps."""

_STRANGER = str(100_000_000_000 + secrets.randbelow(800_000_000_000))
"""An account that no architecture has. What is listed there too is everybody's, or not kept apart by accounts."""

_LONGEST = 300
"""Letters of an answer that are kept."""


@dataclass
class _Search:
    """One kind of thing in one region of the account, with what was found and what was answered."""

    kind: Kind
    account: Account
    found: dict[str, dict[str, Any]]
    answer: str = ""


def clean(endpoint: str, account: str, made: Iterable[tuple[str, str]]) -> Cleaning:
    """Look for what `made`, operations with their regions, may have left in an account, and remove it.

    It never fails: what could not be looked for or removed is in the record.
    """
    unchecked: dict[str, str] = {}
    searches = []
    for kind, where, operation in _wanted(made, unchecked):
        here = Account(endpoint, account, where)
        try:
            if found := _left(kind, here):
                searches.append(_Search(kind, here, found))
        except Refused as refusal:
            unchecked[operation] = f"{kind.list[0]}: {refusal}"[:_LONGEST]
    first = [(search, dict(search.found)) for search in searches]
    deadline = time.monotonic() + BUDGET
    for pause in PAUSES:
        if not any(search.found for search in searches) or time.monotonic() > deadline:
            break
        for search in searches:
            for names in search.found.values():
                if time.monotonic() < deadline:
                    _remove(search, search.kind, names)
        time.sleep(pause)
        for search in searches:
            try:
                search.found = _left(search.kind, search.account) if search.found else {}
            except Refused as refusal:
                search.answer = str(refusal)
    return Cleaning(
        leftovers=tuple(_recorded(search, identity) for search, found in first for identity in found),
        unchecked=dict(sorted(unchecked.items())),
    )


def _wanted(made: Iterable[tuple[str, str]], unchecked: dict[str, str]) -> Iterator[tuple[Kind, str, str]]:
    """Yield what there is to look for, once, in the order of the table; with an operation that speaks for it."""
    wanted: dict[tuple[Kind, str], str] = {}
    for operation, region in sorted(made):
        kinds = table.kinds_made_by(operation)
        if kinds is None:
            unchecked[operation] = "how to find what it makes is not known"
        for kind in kinds or ():
            wanted.setdefault((kind, region), operation)
    order = {
        kind: place
        for place, kind in enumerate(kind for service in table.services().values() for kind in service.kinds)
    }
    for (kind, region), operation in sorted(wanted.items(), key=lambda item: (order[item[0][0]], item[0][1])):
        yield kind, region, operation


def _left(kind: Kind, account: Account) -> dict[str, dict[str, Any]]:
    """Return what is of this account alone, by its id, each with its names."""
    found = _listed(kind, account)
    if not found:
        return {}
    try:
        elsewhere = _listed(kind, replace(account, number=_STRANGER))
    except Refused:
        elsewhere = {}
    everybodys = {identity.replace(_STRANGER, account.number) for identity in elsewhere} | elsewhere.keys()
    return {identity: names for identity, names in found.items() if identity not in everybodys}


def _listed(kind: Kind, account: Account) -> dict[str, dict[str, Any]]:
    try:
        listed = list(_items(kind, account, {}))
    except Refused as refusal:
        if kind.none and kind.none in str(refusal):
            return {}
        raise
    found = {str(names["id"]): names for names in listed}
    return {identity: names for identity, names in found.items() if not _is_over(kind, account, names)}


def _is_over(kind: Kind, account: Account, names: Mapping[str, Any]) -> bool:
    if kind.look is None:
        return False
    try:
        answer = account.ask(kind.service, kind.look[0], table.filled(kind.look[1], names))
    except Refused as refusal:
        if refusal.status is not None and refusal.status < 500:
            return True  # it is listed and not there
        raise
    return bool(_searched(kind.over, answer))


def _searched(expression: str, answer: Mapping[str, Any]) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(expression, answer)
    except JMESPathError as error:  # a function was given what an answer of AWS's does not lack
        raise Refused(f"an answer that cannot be read: {error}") from error


def _items(kind: Kind, account: Account, names: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    operation, parameters = kind.list
    answer = account.ask(kind.service, operation, table.filled(parameters, names))
    for item in _searched(kind.ids, answer) or ():
        yield {**names, **(item if isinstance(item, dict) else {"id": item})}


def _remove(search: _Search, kind: Kind, names: Mapping[str, Any]) -> None:
    for inner in kind.first:
        try:
            for each in list(_items(inner, search.account, names)):
                _remove(search, inner, each)
        except Refused as refusal:
            search.answer = f"{inner.list[0]}: {refusal}"
    for call in kind.delete:
        _call(search, kind.service, call, names)


def _call(search: _Search, service: str, call: Call, names: Mapping[str, Any]) -> None:
    try:
        search.account.ask(service, call[0], table.filled(call[1], names))
    except Refused as refusal:
        search.answer = f"{call[0]}: {refusal}"


def _recorded(search: _Search, identity: str) -> Leftover:
    stays = identity in search.found
    return Leftover(
        service=search.kind.service,
        kind=search.kind.name,
        id=identity,
        region=search.account.region,
        removed=not stays,
        answer=(search.answer or "still listed after it was removed")[:_LONGEST] if stays else None,
    )
