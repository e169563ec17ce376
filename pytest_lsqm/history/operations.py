"""Which operations of each AWS service a run called, and how they ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pytest_lsqm.models import ServiceOperations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lsqm.models import Run, ValidationResult


def service_operations(run: Run, results: Iterable[ValidationResult]) -> list[ServiceOperations]:
    """Return the operations of each service over all results and phases, by name; an ERROR's are none of them."""
    counted: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    users: dict[str, set[str]] = defaultdict(set)
    for result in results:
        if result.status == "ERROR":
            continue
        for phase in result.operations.values():
            for name, outcomes in phase.items():
                service = name.split(".")[0]
                counted[service][name].update(outcomes)
                users[service].add(result.arch_hash)
    return [
        ServiceOperations(
            service_name=service,
            run_id=run.run_id,
            emulator=run.emulator_kind,
            architecture_count=len(users[service]),
            operations={name: dict(sorted(counted[service][name].items())) for name in sorted(counted[service])},
        )
        for service in sorted(counted)
    ]
