"""The facts of an architecture that decide what it tests and whether it can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_lsqm.analysis import credentials, executes, folders, providers, references, services, variables
from pytest_lsqm.analysis.configuration import Configuration, load
from pytest_lsqm.analysis.values import Call, Value

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.analysis.configuration import Module
    from pytest_lsqm.analysis.providers import ProviderBlock, RequiredVersion
    from pytest_lsqm.analysis.references import FileReference
    from pytest_lsqm.analysis.values import Block


@dataclass(frozen=True)
class Analysis:
    """What a Terraform configuration says of itself.

    Tuples of strings are sorted, paths are relative to the root module. The types are those of all
    resources, data sources and ephemeral resources, of any provider; `unknown_types` are AWS types that the
    table of services lacks. `resource_count` counts AWS resources as they would be made: per call of a
    module, times a literal `count` or `for_each`, else once.
    """

    resource_types: tuple[str, ...]
    services: tuple[str, ...]
    unknown_types: tuple[str, ...]
    resource_count: int
    variables: tuple[str, ...]
    required_variables: tuple[str, ...]
    """The root's variables without a default."""
    supplied_variables: tuple[str, ...]
    """The variables to which `terraform.tfvars` and its like give a value."""
    outputs: tuple[str, ...]
    modules: tuple[str, ...]
    """The sources of modules that lie elsewhere, as they were written."""
    backends: tuple[str, ...]
    """The root's backend by its type: `s3`, `remote`, …; `cloud` for HCP Terraform."""
    providers: tuple[str, ...]
    """Source addresses, those that only a type implies included: `hashicorp/aws`."""
    provider_blocks: tuple[ProviderBlock, ...]
    required_versions: tuple[RequiredVersion, ...]
    region: str | None
    """The region of the root's default AWS provider, where it is literal or a variable or local that is."""
    executes: tuple[str, ...]
    """What runs a program or acts outside; see `executes`. Each begins with its address."""
    reaches_outside: tuple[str, ...]
    remote_states: tuple[str, ...]
    imports: tuple[str, ...]
    """The places of `import` blocks, which want resources that exist already."""
    missing_files: tuple[str, ...]
    absolute_paths: tuple[str, ...]
    terraform_files: tuple[str, ...]
    tests: tuple[str, ...]
    """Terraform's own test files, beside the configuration or in `tests/`."""
    credentials: frozenset[str] = frozenset()
    """Literals that no record may show."""

    @property
    def missing_variables(self) -> tuple[str, ...]:
        """The variables that nothing gives a value to."""
        return tuple(name for name in self.required_variables if name not in self.supplied_variables)


def analyse(source: Path | Configuration) -> Analysis:
    """Analyse the configuration in a folder, or one that `load` has read.

    Raises AnalysisError, with file and line where there is one, for what cannot be read.
    """
    configuration = source if isinstance(source, Configuration) else load(source)
    root = configuration.root
    types = {block.labels[0] for module in configuration.modules for block in providers.typed_blocks(module)}
    supplied = variables.supplied(configuration)
    return Analysis(
        resource_types=tuple(sorted(types)),
        services=services.services_of(types),
        unknown_types=services.unknown(types),
        resource_count=_count(root, {}),
        variables=_labels(root, "variable"),
        required_variables=variables.required(root),
        supplied_variables=tuple(sorted(supplied)),
        outputs=_labels(root, "output"),
        modules=_remote_modules(configuration),
        backends=_backends(root),
        providers=providers.sources(configuration),
        provider_blocks=providers.aws_blocks(configuration),
        required_versions=providers.required_versions(configuration),
        region=_region(configuration, supplied),
        executes=executes.executes(configuration),
        reaches_outside=executes.reaches_outside(configuration),
        remote_states=_places(configuration, "terraform_remote_state"),
        imports=tuple(sorted({block.place for m in configuration.modules for block in m.of("import")})),
        missing_files=_written(references.missing(configuration)),
        absolute_paths=_written(references.of_one_machine(configuration)),
        terraform_files=_terraform_files(configuration),
        tests=_tests(root),
        credentials=credentials.credentials(configuration, supplied),
    )


def _written(found: tuple[FileReference, ...]) -> tuple[str, ...]:
    return tuple(sorted({f"{reference.written} ({reference.place})" for reference in found}))


def _labels(module: Module, kind: str) -> tuple[str, ...]:
    return tuple(sorted({block.labels[0] for block in module.of(kind) if block.labels}))


def _count(module: Module, counted: dict[Path, int]) -> int:
    """Count the AWS resources that one call of a module makes; no module is looked through twice."""
    if module.path not in counted:
        own = sum(_times(b) for b in module.of("resource") if b.labels and b.labels[0].startswith("aws_"))
        calls = (block for block in module.of("module") if block.labels)
        inner = ((block, module.children.get(block.labels[0])) for block in calls)
        counted[module.path] = own + sum(_times(block) * _count(child, counted) for block, child in inner if child)
    return counted[module.path]


def _times(block: Block) -> int:
    count = block.body.attributes.get("count")
    if isinstance(count, int) and not isinstance(count, bool):
        return max(count, 0)
    each: Value = block.body.attributes.get("for_each")
    if isinstance(each, Call) and each.name == "toset" and each.arguments:
        each = each.arguments[0]
        return len(set(map(repr, each))) if isinstance(each, tuple) else 1
    return len(each) if isinstance(each, dict) else 1


def _remote_modules(configuration: Configuration) -> tuple[str, ...]:
    sources = set()
    for module in configuration.modules:
        for block in module.of("module"):
            source = block.body.attributes.get("source")
            if block.labels and block.labels[0] not in module.children:
                sources.add(source if isinstance(source, str) else f"(computed, in {module.where(block)})")
    return tuple(sorted(sources))


def _backends(root: Module) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for block in root.of("terraform"):  # override files come last, and what they say replaces what was said
        here = [inner.labels[0] for inner in block.body.nested("backend") if inner.labels]
        here += ["cloud" for _ in block.body.nested("cloud")]
        found = tuple(sorted(here)) or found
    return found


def _region(configuration: Configuration, supplied: dict[str, Value]) -> str | None:
    for block in configuration.root.of("provider"):
        default = block.labels and "alias" not in block.body.attributes
        if default and providers.address(configuration.root, block.labels[0]) == providers.AWS:
            region = variables.known(block.body.attributes.get("region"), configuration, supplied)
            return region if isinstance(region, str) else None
    return None


def _places(configuration: Configuration, kind: str) -> tuple[str, ...]:
    return tuple(
        sorted(
            module.where(block)
            for module in configuration.modules
            for block in providers.typed_blocks(module)
            if block.labels[0] == kind
        )
    )


def _terraform_files(configuration: Configuration) -> tuple[str, ...]:
    root = configuration.root.path
    return tuple(
        sorted(
            folders.relative(module.path / name, root) for module in configuration.modules for name in module.files
        )
    )


def _tests(root: Module) -> tuple[str, ...]:
    found = [path for place in (root.path, root.path / "tests") if place.is_dir() for path in place.iterdir()]
    names = (folders.relative(path, root.path) for path in found)
    return tuple(sorted(name for name in names if name.endswith((".tftest.hcl", ".tftest.json"))))
