"""Which function writes the tests of which resource type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

    Probe = Callable[[Resource, World], Iterable[Test]]

PROBES: dict[str, Probe] = {}
"""Resource type to probe; filled when `probes` is imported."""


def probe(*types: str) -> Callable[[Probe], Probe]:
    """Make a function the probe of these resource types: it yields the tests of one resource."""

    def register(function: Probe) -> Probe:
        for type_ in types:
            assert type_ not in PROBES, f"two probes for {type_}"
            PROBES[type_] = function
        return function

    return register
