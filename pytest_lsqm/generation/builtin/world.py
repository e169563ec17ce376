"""What was deployed, as probes look at it: resources by type, by ARN, by what they refer to."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.checks import ACCESS_KEY, ACCOUNT, sayable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.generation.base import Resource

BORROWERS = frozenset(
    {"aws_cloudwatch_event_target", "aws_sns_topic_policy", "aws_sns_topic_data_protection_policy"}
)
"""Types whose `arn` is that of another resource."""

_SEPARATORS = re.compile(r"[^0-9a-z]+")


class World:
    """The resources of one deployment; `region` is that of the default provider."""

    def __init__(self, resources: Sequence[Resource], region: str) -> None:
        self.resources = tuple(sorted(resources, key=lambda resource: resource.address))
        self.region = region
        self._labels = _labels(self.resources)

    def of(self, *types: str) -> Iterator[Resource]:
        """Go through the resources of these types, by address."""
        return (resource for resource in self.resources if resource.type in types)

    def where(self, type_: str, **attributes: Any) -> list[Resource]:
        """Find the resources of a type that have these attributes."""
        wanted = attributes.items()
        return [r for r in self.of(type_) if all(r.attributes.get(name) == value for name, value in wanted)]

    def by_arn(self, arn: object) -> Resource | None:
        """Find the resource with this ARN: the one whose own it is, not one that refers to it."""
        own = (r for r in self.resources if r.type not in BORROWERS)
        found = [r for r in own if arn and r.attributes.get("arn") == arn]
        return found[0] if found else None

    def label(self, resource: Resource) -> str:
        """Name a resource in a test's name: `orders`, `tenants_a_queue`; no two of a type alike."""
        return self._labels[resource.address]

    def ref(self, resource: Resource) -> str:
        """The expression for a resource's attributes in the body of a test."""
        return f"deployed[{resource.address!r}]"

    def asked(self, resource: Resource, *path: str | int) -> Any:
        """Return what the configuration asks of an attribute; None for nothing, and for what no literal may say.

        Follows `path` into lists and objects. Accounts and keys differ from one deployment to the next.
        """
        value: Any = resource.asked
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        text = json.dumps(value, default=str)
        return None if ACCOUNT.search(text) or ACCESS_KEY.search(text) else value

    def source(self, resource: Resource, attribute: str) -> str:
        """The expression for an attribute: what was asked for, else what was deployed, read at run time."""
        asked = self.asked(resource, attribute)
        return f"{self.ref(resource)}[{attribute!r}]" if asked is None else repr(asked)

    def asked_json(self, resource: Resource, attribute: str) -> Any:
        """Return what the JSON text says that is asked for; None where it is none, or no literal may."""
        text = self.asked(resource, attribute)
        try:
            found = json.loads(text) if isinstance(text, str) and text else None
        except ValueError:
            return None
        return found if sayable(found) else None

    def other_region(self, resource: Resource) -> str | None:
        """The region of a resource where that is not the default provider's, as `Test.region` wants it."""
        region = self.region_of(resource)
        return None if region == self.region else region

    def region_of(self, resource: Resource) -> str:
        """The region that a resource's ARN names, the default provider's where it has none."""
        parts = str(resource.attributes.get("arn") or "").split(":")
        return parts[3] if len(parts) > 4 and parts[3] else self.region


def _labels(resources: Sequence[Resource]) -> dict[str, str]:
    labels: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for resource in resources:
        words = resource.address.replace("module.", "").replace(f"{resource.type}.", "").lower()
        label = _SEPARATORS.sub("_", words).strip("_") or "it"
        seen[resource.type, label] += 1
        again = seen[resource.type, label]
        labels[resource.address] = label if again == 1 else f"{label}_{again}"
    return labels
