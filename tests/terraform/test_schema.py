"""The provider's schema is asked of the provider itself, once per version."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.errors import ProviderError
from pytest_lsqm.terraform import schema
from tests.support.architectures import NO_CLOUD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lsqm.terraform.project import Project

pytestmark = pytest.mark.slow

USES_AWS = {"main.tf": 'provider "aws" {\n  region = "us-east-1"\n}\n'}


@pytest.fixture
def cached(project: Callable[..., Project], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the schema is kept; the cache folder is the test's own, and the mirror is filled already."""
    monkeypatch.setenv("LSQM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "schemas" / "aws-3.39.0.json"


def without_a_provider(deployed: Project) -> schema.ProviderSchema | None:
    """Read the schema with an engine that cannot answer."""
    broken = dataclasses.replace(deployed.engine, argv=("false",))
    return schema.read_schema(deployed.root, broken, deployed.environment(), timeout=60)


def test_the_schema_names_what_this_version_lets_one_configure(
    project: Callable[..., Project], cached: Path
) -> None:
    deployed = project(USES_AWS)
    assert deployed.init(60).ok
    found = deployed.schema
    assert found is not None
    assert found.version == deployed.provider_version() == "3.39.0"
    assert {"access_key", "s3_force_path_style", "skip_get_ec2_platforms"} <= found.arguments
    assert "s3_use_path_style" not in found.arguments
    assert {"sqs", "ec2", "sts", "stepfunctions"} <= set(found.endpoints)


def test_a_version_is_asked_once(project: Callable[..., Project], cached: Path) -> None:
    deployed = project(USES_AWS)
    assert deployed.init(60).ok
    assert cached.is_file()
    assert without_a_provider(deployed) == deployed.schema


def test_a_torn_file_in_the_cache_is_asked_again_and_mended(project: Callable[..., Project], cached: Path) -> None:
    deployed = project(USES_AWS)
    cached.parent.mkdir(parents=True)
    cached.write_text('{"arguments": ["access_key"], "endpoi')
    assert deployed.init(60).ok
    assert deployed.schema is not None
    assert json.loads(cached.read_text())["endpoints"] == list(deployed.schema.endpoints)
    assert [path.name for path in cached.parent.iterdir()] == [cached.name]


@pytest.mark.parametrize("torn", ["", "[]", "null", "{}", '{"arguments": 1, "endpoints": 2}', "\udcff"])
def test_a_file_in_the_cache_that_holds_something_else_is_not_believed(
    project: Callable[..., Project], cached: Path, torn: str
) -> None:
    deployed = project(USES_AWS)
    selected = deployed.root / ".terraform/providers" / deployed.engine.registry / "hashicorp/aws/3.39.0"
    selected.mkdir(parents=True)
    cached.parent.mkdir(parents=True)
    cached.write_text(torn, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ProviderError, match=r"the AWS provider 3\.39\.0 does not tell its schema"):
        without_a_provider(deployed)


def test_a_configuration_without_the_provider_has_no_schema(project: Callable[..., Project], cached: Path) -> None:
    deployed = project({"main.tf": NO_CLOUD})
    assert deployed.init(60).ok
    assert (deployed.schema, deployed.provider_version()) == (None, None)
    assert not cached.exists()
