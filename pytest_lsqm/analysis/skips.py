"""Why an architecture cannot run as it is: each reason names the thing, in words for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_lsqm.analysis.facts import Analysis


def skip_reasons(analysis: Analysis) -> tuple[str, ...]:
    """List the reasons, none when it can run.

    A backend is no reason: an override file replaces it. Neither is `analysis.executes`, which the
    option --lsqm-allow-exec settles; and where a program runs, a missing file may be what it makes.
    """
    reasons = []
    if not analysis.resource_count:
        reasons.append("no AWS resource: there is nothing to deploy")
    if names := analysis.missing_variables:
        reasons.append(
            f"no value for variable {', '.join(names)}: give it a default, or a value in terraform.tfvars"
        )
    if analysis.modules:
        reasons.append(f"needs remote module {', '.join(analysis.modules)}, which is not part of the architecture")
    if analysis.remote_states:
        reasons.append(f"reads the state of another configuration: {', '.join(analysis.remote_states)}")
    if analysis.imports:
        reasons.append(f"imports resources that must exist already: {', '.join(analysis.imports)}")
    if analysis.absolute_paths:
        reasons.append(f"reads files of one machine: {', '.join(analysis.absolute_paths)}")
    if analysis.missing_files and not analysis.executes:
        reasons.append(f"refers to files that do not exist: {', '.join(analysis.missing_files)}")
    return tuple(reasons)
