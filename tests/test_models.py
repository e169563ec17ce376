from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from pytest_lsqm import models
from pytest_lsqm.models import (
    Architecture,
    ArchitectureTrends,
    HistoryEntry,
    Index,
    Matrix,
    PytestResults,
    Regression,
    Run,
    RunConfig,
    RunSummary,
    Seen,
    SeenPackage,
    ServiceOperations,
    ServiceTrend,
    TerraformApply,
    TestApp,
    TestAppMetadata,
    ValidationResult,
)
from tests.corpus import records

# The JSON examples of the data model, as they stand there: they are the user's format.

EXAMPLES: dict[str, tuple[type[BaseModel], str]] = {
    "architecture": (
        Architecture,
        """
{
  "hash": "a1b2c3d4e5f67890",
  "source_url": "https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/5.1.0",
  "source_type": "terraform_registry",
  "discovered_at": "2026-01-10T00:00:00Z",
  "services": ["ec2", "vpc"],
  "resource_count": 23,
  "name": "terraform-aws-vpc",
  "description": "Terraform module for creating AWS VPC resources",
  "version": "5.1.0",
  "skipped": false
}
""",
    ),
    "generated_at.json": (
        TestAppMetadata,
        """
{
  "arch_hash": "a1b2c3d4e5f67890",
  "generated_at": "2026-01-10T01:30:00Z",
  "generator_version": "1.0.0",
  "model_used": "claude-sonnet-4-20250514",
  "input_tokens": 2500,
  "output_tokens": 4200
}
""",
    ),
    "config": (
        RunConfig,
        """
{
  "parallel": 4,
  "timeout": 300,
  "token_budget": 500000,
  "dry_run": false
}
""",
    ),
    "summary": (
        RunSummary,
        """
{
  "total": 150,
  "passed": 120,
  "partial": 10,
  "failed": 15,
  "timeout": 3,
  "error": 2,
  "new_architectures": 12,
  "tokens_used": 125000,
  "duration_seconds": 7200
}
""",
    ),
    "terraform apply": (
        TerraformApply,
        """
{
  "success": true,
  "resources_created": 5,
  "outputs": {"vpc_id": "vpc-12345", "subnet_ids": ["subnet-a", "subnet-b"]},
  "logs": "..."
}
""",
    ),
    "pytest results": (
        PytestResults,
        """
{
  "total": 5,
  "passed": 4,
  "failed": 1,
  "skipped": 0,
  "output": "..."
}
""",
    ),
    "regression": (
        Regression,
        """
{
  "arch_hash": "a1b2c3d4e5f67890",
  "architecture_name": "terraform-aws-vpc",
  "from_run_id": "550e8400-e29b-41d4-a716-446655440000",
  "to_run_id": "550e8400-e29b-41d4-a716-446655440001",
  "from_status": "PASSED",
  "to_status": "FAILED",
  "detected_at": "2026-01-10T03:00:00Z",
  "services_affected": ["ec2", "vpc"],
  "github_issue_url": "https://github.com/localstack/localstack/issues/12345"
}
""",
    ),
    "history entry": (
        HistoryEntry,
        """
{
  "run_id": "...",
  "run_date": "2026-01-10",
  "total": 25,
  "passed": 20,
  "pass_rate": 0.8
}
""",
    ),
    "service trend": (
        ServiceTrend,
        """
{
  "service_name": "lambda",
  "current_pass_rate": 0.85,
  "previous_pass_rate": 0.82,
  "trend": "improving",
  "architecture_count": 45,
  "history": [
    {"run_id": "...", "run_date": "2026-01-10", "total": 45, "passed": 38, "pass_rate": 0.85},
    {"run_id": "...", "run_date": "2026-01-03", "total": 42, "passed": 34, "pass_rate": 0.82}
  ]
}
""",
    ),
    "architectures/index.json": (
        Index,
        """
{
  "version": 1,
  "last_updated": "2026-01-10T03:00:00Z",
  "count": 150,
  "architectures": {
    "a1b2c3d4e5f67890": {
      "source_url": "...",
      "source_type": "terraform_registry",
      "discovered_at": "2026-01-10T00:00:00Z",
      "has_app": true,
      "last_validated": "2026-01-10T02:00:00Z",
      "last_status": "PASSED"
    }
  }
}
""",
    ),
    "trends/architectures.json": (
        ArchitectureTrends,
        """
{
  "version": 1,
  "last_updated": "2026-01-10T03:00:00Z",
  "architectures": {
    "a1b2c3d4e5f67890": {
      "name": "terraform-aws-vpc",
      "current_status": "PASSED",
      "streak": 5,
      "history": [
        {"run_id": "...", "status": "PASSED"},
        {"run_id": "...", "status": "PASSED"}
      ]
    }
  }
}
""",
    ),
}


def _contains(whole: Any, part: Any) -> bool:
    """Whether `whole` says everything that `part` says; additions may stand beside it."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _contains(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(_contains, whole, part))
    return type(whole) in {type(part), float} and whole == part if isinstance(part, int) else bool(whole == part)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_the_data_model_is_read_as_it_stands_and_written_back(name: str) -> None:
    model, text = EXAMPLES[name]
    record = model.model_validate_json(text)
    written = record.model_dump(mode="json", exclude_none=True)
    assert _contains(written, json.loads(text))
    assert model.model_validate(written) == record
    assert model.model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_field_of_the_example_is_unknown(name: str) -> None:
    model, text = EXAMPLES[name]
    assert set(json.loads(text)) <= set(model.model_fields)


# The fields of each record's table: required and optional.

TABLES: list[tuple[type[BaseModel], str, str]] = [
    (
        Architecture,
        "hash source_url source_type discovered_at services resource_count",
        "name description version skipped skip_reason",
    ),
    (
        TestApp,
        "arch_hash generated_at generator_version model_used input_tokens output_tokens files",
        "",
    ),
    (
        Run,
        "run_id started_at localstack_version lsqm_version config summary",
        "completed_at",
    ),
    (
        ValidationResult,
        "arch_hash run_id status started_at completed_at duration_seconds",
        "terraform_apply pytest_results container_logs error_message",
    ),
    (
        Regression,
        "arch_hash from_run_id to_run_id from_status to_status detected_at services_affected",
        "architecture_name github_issue_url",
    ),
    (
        ServiceTrend,
        "service_name current_pass_rate trend architecture_count history",
        "previous_pass_rate",
    ),
]


@pytest.mark.parametrize(("model", "required", "optional"), TABLES)
def test_exactly_the_required_fields_of_the_data_model_are_required(
    model: type[BaseModel], required: str, optional: str
) -> None:
    assert {name for name, field in model.model_fields.items() if field.is_required()} == set(required.split())
    assert set(optional.split()) <= set(model.model_fields)


def _example(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(EXAMPLES[name][1])
    return data


REGRESSION = _example("regression")
ARCHITECTURE = _example("architecture")
RESULT = records.result().model_dump(mode="json", exclude_none=True)
RUN = records.run().model_dump(mode="json", exclude_none=True)
APP = records.app().model_dump(mode="json")

BROKEN: list[tuple[type[BaseModel], dict[str, Any], dict[str, Any]]] = [
    # Architecture
    (Architecture, ARCHITECTURE, {"hash": "a1b2c3d4e5f6789"}),
    (Architecture, ARCHITECTURE, {"hash": "a1b2c3d4e5f678901"}),
    (Architecture, ARCHITECTURE, {"hash": "a1b2c3d4e5f6789g"}),
    (Architecture, ARCHITECTURE, {"hash": "a1b2c3d4e5f67890\n"}),
    (Architecture, ARCHITECTURE, {"source_url": "not a url"}),
    (Architecture, ARCHITECTURE, {"source_url": ""}),
    (Architecture, ARCHITECTURE, {"source_type": "pulumi"}),
    (Architecture, ARCHITECTURE, {"services": []}),
    (Architecture, ARCHITECTURE, {"resource_count": 0}),
    (Architecture, ARCHITECTURE, {"resource_count": -1}),
    (Architecture, ARCHITECTURE, {"resource_count": 1.5}),
    (Architecture, ARCHITECTURE, {"discovered_at": "2026-01-10T00:00:00"}),
    (Architecture, ARCHITECTURE, {"discovered_at": "yesterday"}),
    (Architecture, ARCHITECTURE, {"root": "../elsewhere"}),
    (Architecture, ARCHITECTURE, {"root": "/etc"}),
    (Architecture, ARCHITECTURE, {"root": ""}),
    # TestApp
    (TestApp, APP, {"arch_hash": "short"}),
    (TestApp, APP, {"input_tokens": -1}),
    (TestApp, APP, {"output_tokens": -1}),
    # Run
    (Run, RUN, {"run_id": "not-a-uuid"}),
    (Run, RUN, {"run_id": "550e8400-e29b-11d4-a716-446655440000"}),  # version 1
    (Run, RUN, {"run_id": "{550e8400-e29b-41d4-a716-446655440000}"}),
    (Run, RUN, {"run_id": "550e8400e29b41d4a716446655440000"}),
    (Run, RUN, {"completed_at": RUN["started_at"]}),
    (Run, RUN, {"completed_at": "2020-01-01T00:00:00Z"}),
    (RunConfig, _example("config"), {"parallel": 0}),
    (RunConfig, _example("config"), {"timeout": 0}),
    (RunConfig, _example("config"), {"timeout": float("inf")}),
    (RunConfig, _example("config"), {"token_budget": -1}),
    *[
        (RunSummary, _example("summary"), {name: 149})
        for name in ("total", "passed", "partial", "failed", "timeout", "error")
    ],
    (RunSummary, _example("summary"), {"passed": -1, "partial": 131}),
    (RunSummary, _example("summary"), {"duration_seconds": -1}),
    # ValidationResult
    (ValidationResult, RESULT, {"duration_seconds": 0}),
    (ValidationResult, RESULT, {"duration_seconds": -1}),
    (ValidationResult, RESULT, {"duration_seconds": float("nan")}),
    (ValidationResult, RESULT, {"status": "GREEN"}),
    (ValidationResult, RESULT, {"status": "ERROR"}),
    (ValidationResult, RESULT, {"status": "ERROR", "error_message": ""}),
    (ValidationResult, RESULT, {"status": "PASSED", "pytest_results": None}),
    (ValidationResult, RESULT, {"status": "PARTIAL", "pytest_results": None}),
    (ValidationResult, RESULT, {"status": "FAILED", "pytest_results": None}),
    (ValidationResult, RESULT, {"arch_hash": "x"}),
    (ValidationResult, RESULT, {"run_id": "x"}),
    (PytestResults, _example("pytest results"), {"passed": -1}),
    (TerraformApply, _example("terraform apply"), {"resources_created": -1}),
    # Regression
    *[(Regression, REGRESSION, {"from_status": status}) for status in ("FAILED", "TIMEOUT", "ERROR")],
    *[(Regression, REGRESSION, {"to_status": status}) for status in ("PASSED", "PARTIAL")],
    (Regression, REGRESSION, {"from_run_id": "..."}),
    (Regression, REGRESSION, {"to_run_id": "..."}),
    (Regression, REGRESSION, {"github_issue_url": "issue 7"}),
    # ServiceTrend
    (ServiceTrend, _example("service trend"), {"current_pass_rate": 1.01}),
    (ServiceTrend, _example("service trend"), {"current_pass_rate": -0.01}),
    (ServiceTrend, _example("service trend"), {"previous_pass_rate": 85}),
    (ServiceTrend, _example("service trend"), {"trend": "rising"}),
    (ServiceTrend, _example("service trend"), {"history": [_example("history entry")] * 13}),
    (HistoryEntry, _example("history entry"), {"pass_rate": 1.5}),
    (HistoryEntry, _example("history entry"), {"run_date": "January"}),
    # The index and the architectures' trends
    (Index, _example("architectures/index.json"), {"count": -1}),
    (Index, _example("architectures/index.json"), {"architectures": {"x": {}}}),
    (ArchitectureTrends, _example("trends/architectures.json"), {"architectures": {"a1b2c3d4e5f67890": {}}}),
]


@pytest.mark.parametrize(("model", "good", "change"), BROKEN)
def test_a_value_that_breaks_a_rule_is_refused(
    model: type[BaseModel], good: dict[str, Any], change: dict[str, Any]
) -> None:
    model.model_validate(good)
    with pytest.raises(ValidationError):
        model.model_validate(good | change)


GOOD: list[tuple[type[BaseModel], dict[str, Any], dict[str, Any]]] = [
    (Architecture, ARCHITECTURE, {"hash": "A1B2C3D4E5F67890"}),
    (Architecture, ARCHITECTURE, {"source_url": "file:///home/me/stack"}),
    (Architecture, ARCHITECTURE, {"discovered_at": "2026-01-10T02:00:00+02:00"}),
    (Architecture, ARCHITECTURE, {"root": "examples/full"}),
    (Run, RUN, {"completed_at": None}),
    (Run, RUN, {"run_id": "550E8400-E29B-41D4-A716-446655440000"}),
    (ValidationResult, RESULT, {"status": "TIMEOUT", "pytest_results": None}),
    (ValidationResult, RESULT, {"status": "ERROR", "error_message": "it died", "pytest_results": None}),
    (ServiceTrend, _example("service trend"), {"history": [_example("history entry")] * 12}),
    (ServiceTrend, _example("service trend"), {"current_pass_rate": 0, "previous_pass_rate": None}),
]


@pytest.mark.parametrize(("model", "good", "change"), GOOD)
def test_a_value_at_the_edge_of_a_rule_is_accepted(
    model: type[BaseModel], good: dict[str, Any], change: dict[str, Any]
) -> None:
    model.model_validate(good | change)


@pytest.mark.parametrize("name", models.APP_FILES)
def test_an_app_without_one_of_its_four_files_is_refused(name: str) -> None:
    files = records.app_files()
    del files[name]
    with pytest.raises(ValidationError, match=f"the app lacks {name}"):
        records.app(files=files)


@pytest.mark.parametrize("name", ["helpers.py", "../app.py", "/tmp/app.py", "sub/app.py", "generated_at.json", ""])
def test_an_app_with_any_other_file_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="an app has no file"):
        records.app(files=records.app_files() | {name: ""})


@pytest.mark.parametrize("name", ["conftest.py", "app.py", "test_app.py"])
@pytest.mark.parametrize("text", ["def f(:", "x = 1\0", "if True:\npass", "(" * 10_000])
def test_an_app_whose_python_cannot_be_parsed_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} is not valid Python"):
        records.app(files=records.app_files() | {name: text})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must include boto3 and pytest"),
        ("boto3\n", "must include pytest"),
        ("pytest==8.4\n", "must include boto3"),
        ("# boto3\npytest\n", "must include boto3"),
        ("boto3-stubs\npytest-timeout\n", "must include boto3 and pytest"),
        ("boto3\npytest\n-r other.txt\n", "is not a requirement"),
        ("boto3\npytest\n--index-url https://example.com\n", "is not a requirement"),
        ("boto3\npytest\n../evil\n", "is not a requirement"),
    ],
)
def test_requirements_that_lack_a_package_or_are_no_plain_requirements_are_refused(
    text: str, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        records.app(files=records.app_files(requirements_txt=text))


@pytest.mark.parametrize(
    "text",
    ["Boto3 >= 1.35, < 2\n\n  # tools\nPyTest[x] ; python_version > '3'\n", "boto3\t# the client\r\npytest#no\n"],
)
def test_requirements_are_read_with_comments_versions_and_markers(text: str) -> None:
    if "pytest#no" in text:  # without a space it is part of the name, for pip too
        with pytest.raises(ValidationError, match="is not a requirement"):
            records.app(files=records.app_files(requirements_txt=text))
    else:
        assert records.app(files=records.app_files(requirements_txt=text)).files["requirements.txt"] == text


def test_an_architecture_moves_from_discovered_to_ready_to_has_app() -> None:
    found = records.architecture()
    assert found.state(has_terraform=False) == "discovered"
    assert found.state() == "ready"
    assert found.state(has_app=True) == "has_app"


def test_an_architecture_that_is_skipped_stays_so_whatever_it_has() -> None:
    found = records.architecture(skipped=True, skip_reason="uses outposts")
    for has_terraform in (True, False):
        for has_app in (True, False):
            assert found.state(has_terraform=has_terraform, has_app=has_app) == "skipped"


def test_an_app_without_terraform_does_not_make_an_architecture_more_than_discovered() -> None:
    assert records.architecture().state(has_terraform=False, has_app=True) == "discovered"


def test_records_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        setattr(records.architecture(), "name", "other")  # noqa: B010 - mypy forbids the plain way, as it should


def test_unknown_fields_are_kept() -> None:
    record = Architecture.model_validate(ARCHITECTURE | {"stars": 3})
    assert record.model_dump(mode="json")["stars"] == 3


def test_terraform_outputs_that_are_null_are_kept() -> None:
    apply = TerraformApply(success=True, resources_created=1, outputs={"a": None, "b": {"c": None}}, logs="")
    assert apply.model_dump(mode="json", exclude_none=True)["outputs"] == {"a": None, "b": {"c": None}}


@pytest.mark.parametrize("name", ["", "localstack", "moto"])
def test_a_run_is_comparable_by_the_name_of_its_emulator(name: str) -> None:
    assert records.run(emulator=name or None).emulator_kind == (name or "localstack")


RECORD_SAMPLES: dict[str, BaseModel] = {
    "seen": Seen(
        packages={
            "https://example.com/a": SeenPackage(revision="1.0.0", seen_at=records.architecture().discovered_at)
        }
    ),
    "architecture": records.architecture(),
    "test-app": records.app(),
    "run": records.run(emulator="moto"),
    "validation-result": records.result(),
    "regression": Regression.model_validate(REGRESSION),
    "service-operations": ServiceOperations(
        service_name="sqs",
        run_id=records.run_id(1),
        emulator="moto",
        architecture_count=1,
        operations={"sqs.SendMessage": {"200": 4}},
    ),
    "service-trend": ServiceTrend.model_validate(_example("service trend")),
    "matrix": Matrix.model_validate(
        {
            "matrix_id": "6f1c2a34",
            "started_at": "2026-01-10T00:00:00Z",
            "columns": [{"label": "moto@5.2.5"}],
            "names": {"0123456789abcdef": "queue"},
            "services": {"0123456789abcdef": ["sqs"]},
            "cells": {"0123456789abcdef": {"moto@5.2.5": {"status": "PASSED", "seconds": 1.5}}},
            "operations": {"sqs.SendMessage": {"moto@5.2.5": {"200": 4}}},
        }
    ),
    "index": Index.model_validate(_example("architectures/index.json")),
    "architecture-trends": ArchitectureTrends.model_validate(_example("trends/architectures.json")),
}


def test_every_record_of_the_data_model_has_a_name_for_its_schema() -> None:
    assert set(models.RECORDS) == set(RECORD_SAMPLES)
    assert {model for model, *_ in TABLES} <= set(models.RECORDS.values())


@pytest.mark.parametrize("name", models.RECORDS)
def test_the_json_schema_names_every_field_and_what_is_required(name: str) -> None:
    model = models.RECORDS[name]
    schema = model.model_json_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert set(schema["properties"]) == set(model.model_fields)
    assert set(schema["required"]) == {key for key, field in model.model_fields.items() if field.is_required()}
    sample = RECORD_SAMPLES[name]
    assert isinstance(sample, model)
    _check(schema, sample.model_dump(mode="json", exclude_none=True), schema)


def _check(schema: dict[str, Any], data: Any, whole: dict[str, Any]) -> None:
    """Hold data against a JSON Schema, as far as pydantic's schemas go; a library would be one more dependency."""
    if "$ref" in schema:
        _check(whole["$defs"][schema["$ref"].rsplit("/", 1)[1]], data, whole)
    if "anyOf" in schema:
        _check(next(one for one in schema["anyOf"] if one.get("type") != "null"), data, whole)
    kinds: dict[str, Any] = {
        "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
    }  # fmt: skip
    if "type" in schema:
        assert isinstance(data, kinds[schema["type"]]), (schema, data)
    if "enum" in schema:
        assert data in schema["enum"]
    if isinstance(data, dict):
        assert set(schema.get("required", ())) <= set(data), (schema, data)
        for key, value in data.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if isinstance(inner, dict):
                _check(inner, value, whole)
    if isinstance(data, list) and isinstance(schema.get("items"), dict):
        for value in data:
            _check(schema["items"], value, whole)


def test_arrays_of_records_are_read() -> None:
    text = f"[{EXAMPLES['regression'][1]}]"
    assert TypeAdapter(list[Regression]).validate_json(text)[0].to_status == "FAILED"
