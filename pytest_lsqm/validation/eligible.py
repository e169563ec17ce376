"""Why an architecture cannot be run here: on this emulator, with these providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.models import IndexEntry
    from pytest_lsqm.terraform.providers import Mirror

PROVIDERS_IN_TERRAFORM = frozenset({"hashicorp/terraform", "terraform.io/builtin"})


def reasons_against(
    entry: IndexEntry, *, limits: Mapping[str, str], mirror: Mirror, allow_exec: bool
) -> Iterator[str]:
    """Yield each reason; `limits` are the services that the emulator cannot serve, with the reason of each."""
    if entry.skipped:
        yield entry.skip_reason or "marked as skipped in its metadata"
    if entry.executes and not allow_exec:
        yield f"executes programs ({', '.join(entry.executes)}); --lsqm-allow-exec runs it"
    for service in entry.services:
        if service in limits:
            yield f"needs {service}: {limits[service]}"
    if not mirror.direct:
        missing = sorted(set(entry.providers) - mirror.providers() - PROVIDERS_IN_TERRAFORM)
        if missing:
            yield (
                f"needs provider {', '.join(missing)}, and no Terraform registry can be reached; "
                "--lsqm-providers direct asks it nevertheless"
            )
