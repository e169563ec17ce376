"""What the installed AWS provider lets one configure, asked of the provider itself, once per version."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lsqm import process
from pytest_lsqm.errors import ProviderError
from pytest_lsqm.settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lsqm.terraform.engine import Engine


@dataclass(frozen=True)
class ProviderSchema:
    """The names of the provider block's arguments and of its `endpoints` block's arguments."""

    version: str
    arguments: frozenset[str]
    endpoints: tuple[str, ...]


def installed_version(root: Path, engine: Engine) -> str | None:
    """The version of hashicorp/aws that `init` selected for this root, or None when it needs none."""
    folder = root / ".terraform" / "providers" / engine.registry / "hashicorp" / "aws"
    return next((entry.name for entry in sorted(folder.glob("*"))), None)


def _ask(engine: Engine, env: Mapping[str, str], version: str, *, timeout: float) -> dict[str, Any]:
    # In a configuration of its own: the architecture's may be one that Terraform refuses.
    env = {name: value for name, value in env.items() if name != "TF_REATTACH_PROVIDERS"}
    with tempfile.TemporaryDirectory(prefix="lsqm-schema-") as name:
        root = Path(name)
        aws = {"source": "hashicorp/aws", "version": f"= {version}"}
        (root / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": {"aws": aws}}}))
        init = process.run([*engine.argv, "init", "-input=false", "-no-color"], env=env, cwd=root, timeout=timeout)
        done = process.run([*engine.argv, "providers", "schema", "-json"], env=env, cwd=root, timeout=timeout)
        try:
            schemas = json.loads(done.stdout)["provider_schemas"]
            block = schemas[f"{engine.registry}/hashicorp/aws"]["provider"]["block"]
        except (ValueError, KeyError) as error:
            failed = done if init.ok else init
            raise ProviderError(
                f"the AWS provider {version} does not tell its schema:\n{failed.describe()}"
            ) from error
        return dict(block)


def read_schema(root: Path, engine: Engine, env: Mapping[str, str], *, timeout: float) -> ProviderSchema | None:
    """Return the schema of the AWS provider that `root` was initialised with, or None when it has none."""
    return ask_schema(installed_version(root, engine), engine, env, timeout=timeout)


def ask_schema(
    version: str | None, engine: Engine, env: Mapping[str, str], *, timeout: float
) -> ProviderSchema | None:
    """Return the schema of a version of the AWS provider, None for none."""
    if version is None:
        return None
    cached = cache_folder() / "schemas" / f"aws-{version}.json"
    try:
        known = json.loads(cached.read_text())
        return ProviderSchema(version, frozenset(known["arguments"]), tuple(known["endpoints"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not asked yet, or torn: ask
    block = _ask(engine, env, version, timeout=timeout)
    endpoints = block.get("block_types", {}).get("endpoints", {}).get("block", {}).get("attributes", {})
    schema = ProviderSchema(version, frozenset(block["attributes"]), tuple(sorted(endpoints)))
    cached.parent.mkdir(parents=True, exist_ok=True)
    fresh = cached.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_text(json.dumps({"arguments": sorted(schema.arguments), "endpoints": schema.endpoints}))
    fresh.replace(cached)
    return schema
