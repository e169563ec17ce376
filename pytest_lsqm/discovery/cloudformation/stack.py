"""A template on its way to Terraform: which of its resources are there, what they are called, what was lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.cloudformation import tables
from pytest_lsqm.discovery.cloudformation.building import Builder
from pytest_lsqm.discovery.cloudformation.hcl import Expr, Piece, join
from pytest_lsqm.discovery.cloudformation.intrinsics import Resolver
from pytest_lsqm.discovery.cloudformation.naming import snake
from pytest_lsqm.discovery.cloudformation.values import Lost, function, parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RESERVED = frozenset({"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"})
"""Names that Terraform allows no variable to have."""


@dataclass(frozen=True)
class Folded:
    """A resource that in Terraform is an argument of another, `target`, and what its names stand for there."""

    target: str
    attributes: Mapping[str | None, str] = field(default_factory=dict)


class Stack:
    """The resources of a template, built one by one; what depends on a lost one is built again without it."""

    def __init__(self, template: Mapping[str, Any], assets: Mapping[str, str]) -> None:
        self.assets = assets
        self.tables = tables.load()
        self.resources: dict[str, dict[str, Any]] = {}
        self.gone: dict[str, str] = {}
        """The reasons why resources were lost, by logical id."""

        self.absent: set[str] = set()
        self.counts: dict[str, Expr] = {}
        self.folded: dict[str, Folded] = {}
        self.lost_properties: list[str] = []
        self.builders: dict[str, Builder] = {}
        self.watcher: set[str] = set()
        self.major = 3
        """The provider's version that it is written for: some arguments change their names between two."""

        found = template.get("Resources")
        everything = found if isinstance(found, dict) else {}
        self.names = _names(str(name) for name in everything)
        self.variables = _variables(template)
        self.resolver = Resolver(template, self.variables, self.reference)
        for name, resource in everything.items():
            self._take(str(name), resource)
        self._fold()

    def _take(self, name: str, resource: Any) -> None:
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            self.resources[name] = {"Type": "unknown"}
            self.gone[name] = "it has no type"
            return
        if "Condition" in resource:
            try:
                truth = self.resolver.truth(resource["Condition"])
            except Lost as error:
                self.gone[name] = str(error)
            else:
                if isinstance(truth, Expr):
                    self.counts[name] = truth
                elif not truth:
                    self.absent.add(name)
                    return
        self.resources[name] = resource

    def counted(self, name: str) -> bool:
        """Whether a resource is there only under a condition that is known later."""
        return name in self.counts

    def reference(self, name: str, attribute: str | None) -> Any:
        """Return what a resource's name, or an attribute of it, stands for; raises Lost."""
        self.watcher.add(name)
        if name in self.absent:
            raise Lost(f"it refers to {name}, which its condition leaves out")
        if name in self.gone:
            raise Lost(f"it refers to {name}, which was lost")
        fold = self.folded.get(name)
        owner = fold.target if fold else name
        if owner in self.gone or owner not in self.resources:
            raise Lost(f"it refers to {name}, which is not there")
        table = self.tables[self.resources[owner]["Type"]]
        meant = fold.attributes.get(attribute) if fold else table.attributes.get(attribute or "", None)
        if attribute is None and not fold:
            meant = table.ref
        if meant is None:
            what = f"{name}'s {attribute}" if attribute else f"{name}'s id"
            raise Lost(f"it wants {what}, which Terraform does not tell")
        address = f"{table.type}.{self.names[owner]}{'[0]' if self.counted(owner) else ''}"
        if "@" not in meant:
            return Expr(f"{address}.{meant}")
        first, *rest = meant.split("@")
        parts: list[Any] = [first]
        for piece in rest:
            # `@.name` within a text; the path ends where no path goes on.
            length = next(
                (i for i, sign in enumerate(piece) if not (sign.isalnum() or sign in "._[]")), len(piece)
            )
            parts += [Expr(f"{address}{piece[:length]}"), piece[length:]]
        return join(parts)

    # Resources that are arguments of others

    def _fold(self) -> None:
        for name, resource in self.resources.items():
            if name not in self.gone and (how := _FOLDS.get(resource["Type"])):
                kind, key, (argument, source), attributes = how
                properties = resource.get("Properties")
                given = properties if isinstance(properties, dict) else {}
                target = self._named(given.get(key))
                if target in self.resources and self.resources[target].get("Type") == kind:
                    self._into(name, target, argument, given.get(source, True) if source else True, attributes)
                    known = {key, source}
                    self.lost_properties += [f"{name}.{each}" for each in given if each not in known]

    def _into(
        self, name: str, target: str, argument: str, value: Any, attributes: Mapping[str | None, str]
    ) -> None:
        resource = self.resources[target]
        # The caller's template is not ours to change.
        own = resource.get("Properties") if isinstance(resource.get("Properties"), dict) else {}
        self.resources[target] = {**resource, "Properties": {**(own or {}), argument: value}}
        self.folded[name] = Folded(target, attributes)

    @staticmethod
    def _named(value: Any) -> str:
        """Return the logical id that a reference means, an empty text where it is none."""
        word = function(value)
        inner = value[word] if word in {"Ref", "Fn::GetAtt"} else None
        if isinstance(inner, list) and inner:
            inner = inner[0]
        return inner.partition(".")[0] if isinstance(inner, str) else ""

    # Building

    def build(self) -> None:
        """Build every resource; once more where what was found wants a provider with other names."""
        self._build()
        major = max((int(version.partition(".")[0]) for version in self.needs()), default=self.major)
        if major > self.major:
            self.major = major
            self._build()

    def _build(self) -> None:
        """Build every resource, until no one refers to a lost one."""
        waiting = [name for name in self.resources if name not in self.gone and name not in self.folded]
        for name in waiting:
            if self.resources[name]["Type"] not in self.tables:
                self.gone[name] = "its type has no counterpart"
        while waiting:
            lost: set[str] = set()
            for name in waiting:
                if name not in self.gone and not self._built(name):
                    lost.add(name)
            for name, fold in self.folded.items():
                if fold.target in self.gone and name not in self.gone:
                    self.gone[name] = f"it belongs to {fold.target}, which was lost"
                    lost.add(name)
            waiting = [name for name, builder in self.builders.items() if builder.uses & lost]

    def _built(self, name: str) -> bool:
        self.builders.pop(name, None)
        try:
            builder = Builder(self, name, self.tables[self.resources[name]["Type"]])
            builder.build()
        except Lost as error:
            self.gone[name] = str(error)
            return False
        except RecursionError:
            self.gone[name] = "it is nested too deep"
            return False
        self.builders[name] = builder
        return True

    def needs(self) -> dict[str, str]:
        """Return what wants a newer provider than the default one, by that provider's version."""
        return {key: each for builder in self.builders.values() for key, each in builder.needs.items()}

    def pieces(self) -> list[Piece]:
        """Return the blocks of all resources, with their counts and the order that was asked for."""
        found = []
        for name, builder in self.builders.items():
            after = self._after(name, builder)
            for number, piece in enumerate(builder.pieces):
                if piece.kind != "resource":
                    found.append(piece)
                    continue
                body = dict(piece.body)
                if name in self.counts:
                    body = {"count": Expr(f"{self.counts[name].code} ? 1 : 0"), **body}
                first = number == 0 or builder.table.targets
                wanted = [*body.pop("depends_on", []), *(after if first else [])]
                if wanted:
                    body["depends_on"] = list(dict.fromkeys(wanted))
                found.append(Piece(piece.kind, piece.labels, body))
        return found

    def _after(self, name: str, builder: Builder) -> list[Expr]:
        named = self.resources[name].get("DependsOn") or []
        found: list[Expr] = []
        for other in map(str, named if isinstance(named, list) else [named]):
            if other in self.gone:
                self.lost_properties.append(f"{name}.DependsOn")
            elif other not in self.absent and other != name:
                found += self._addresses(other)
        for other in sorted(builder.uses):
            # A role is complete only with its policies, which Terraform has as resources of their own.
            if other in self.builders and self.resources[other]["Type"] == "AWS::IAM::Role" and other != name:
                found += self._addresses(other)[1:]
        if builder.table.type in {"aws_api_gateway_deployment", "aws_apigatewayv2_deployment"}:
            # A deployment takes what is there: without an order it may come before the methods.
            kinds = {"AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route"}
            methods = [key for key in self.builders if self.resources[key]["Type"] in kinds]
            found += [
                each
                for key in methods
                if self.builders[key].uses & builder.uses and name not in self.builders[key].uses
                for each in self._addresses(key)
            ]
        return found

    def _addresses(self, name: str) -> list[Expr]:
        fold = self.folded.get(name)
        builder = self.builders.get(fold.target if fold else name)
        return [Expr(each.address) for each in builder.pieces if each.kind == "resource"] if builder else []


_FOLDS: dict[str, tuple[str, str, tuple[str, str | None], dict[str | None, str]]] = {
    "AWS::Lambda::Version": (
        "AWS::Lambda::Function",
        "FunctionName",
        ("Publish", None),
        {None: "qualified_arn", "Version": "version", "FunctionArn": "qualified_arn"},
    ),
    "AWS::EC2::VPCGatewayAttachment": ("AWS::EC2::InternetGateway", "InternetGatewayId", ("VpcId", "VpcId"), {}),
    "AWS::AppSync::GraphQLSchema": ("AWS::AppSync::GraphQLApi", "ApiId", ("Schema", "Definition"), {None: "id"}),
}
"""By type: the type it belongs to, by which property, as what property of that (with the value of which)."""


def _names(logical_ids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for logical_id in logical_ids:
        base = name = snake(logical_id)
        count = 2
        while name in taken:
            name, count = f"{base}_{count}", count + 1
        taken.add(name)
        found[logical_id] = name
    return found


def _variables(template: Mapping[str, Any]) -> dict[str, str]:
    names = _names(parameters(template))
    return {key: f"{name}_" if name in RESERVED else name for key, name in names.items()}
