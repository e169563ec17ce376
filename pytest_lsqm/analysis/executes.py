"""What a configuration would run on this machine, or reach beyond the emulator.

Terraform, the providers of HARMLESS and the emulator are what an architecture may use freely. Everything
else is named: provisioners, data sources that run a program, requests to hosts of the author's choosing,
files written outside the configuration, and every other provider, which is a program of somebody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.analysis import providers
from pytest_lsqm.analysis.references import PRODUCTS, leading_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.analysis.configuration import Configuration, Module
    from pytest_lsqm.analysis.values import Value

HARMLESS = frozenset(
    f"hashicorp/{name}"
    for name in ("archive", "aws", "cloudinit", "local", "null", "random", "template", "time", "tls")
)
"""Providers that only compute, read or write inside the configuration's folder, or talk to the emulator."""

_RUNNING = {
    "external": "runs a program",
    "http": "sends a request to a host of its own choosing",
    "local_command": "runs a program",
}
"""Types that act outside, though their provider may be harmless."""

_OUTSIDE = {
    "tls_certificate": "opens a connection to a server",
    "aws_ip_ranges": "fetches AWS's list of address ranges",
}
"""Data sources that need the network beyond the emulator, and do no harm with it."""


def executes(configuration: Configuration) -> tuple[str, ...]:
    """List, as sentences that begin with the construct's address, what runs a program or acts outside."""
    found = [sentence for module in configuration.modules for sentence in _of_module(module)]
    foreign = [address for address in providers.sources(configuration) if address not in HARMLESS]
    covered = {"hashicorp/external", "hashicorp/http"} if found else set()
    found += [f"provider {address}: acts outside the emulator" for address in foreign if address not in covered]
    return tuple(sorted(set(found)))


def reaches_outside(configuration: Configuration) -> tuple[str, ...]:
    """List the data sources that need the network beyond the emulator: without it, `apply` fails by itself."""
    return tuple(
        sorted(
            f"{module.where(block)}: {_OUTSIDE[block.labels[0]]}"
            for module in configuration.modules
            for block in providers.typed_blocks(module)
            if block.type == "data" and block.labels[0] in _OUTSIDE
        )
    )


def _of_module(module: Module) -> Iterator[str]:
    for block in module.of("resource", "removed"):
        for provisioner in block.body.nested("provisioner"):
            yield f"{module.where(block)}: provisioner {' '.join(provisioner.labels)}"
    for block in providers.typed_blocks(module):
        kind = block.labels[0]
        if kind in _RUNNING:
            yield f"{module.where(block)}: {_RUNNING[kind]}"
        elif kind in PRODUCTS and _leaves(block.body.attributes.get(PRODUCTS[kind])):
            yield f"{module.where(block)}: writes outside the configuration's folder"


def _leaves(value: Value) -> bool:
    """Whether a path, as far as it is written down, leads out of the configuration: temporary files may."""
    text = leading_text(value) or ""
    if ".." in text.split("/"):
        return True
    return text.startswith(("/", "~")) and not text.startswith("/tmp/")  # noqa: S108 - the author's words
