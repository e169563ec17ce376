"""What an architecture needs to run against an emulator, as override files that Terraform merges itself.

The architecture's own files are never edited. Each addition is returned as a Modification, so that
"ran as written" and "ran after a change" stay apart.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.analysis import ProviderBlock
from pytest_lsqm.models import Modification

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_lsqm.terraform.schema import ProviderSchema

FILE_NAME = "zzz_lsqm_override.tf.json"
"""Override files merge in the order of their names, so this one comes last."""

ENDPOINT_ALIASES = (
    ("amp", "prometheus", "prometheusservice"),
    ("appautoscaling", "applicationautoscaling"),
    ("appintegrations", "appintegrationsservice"),
    ("ce", "costexplorer"),
    ("cloudcontrol", "cloudcontrolapi"),
    ("cloudhsmv2", "cloudhsm"),
    ("cognitoidp", "cognitoidentityprovider"),
    ("configservice", "config"),
    ("cur", "costandusagereportservice"),
    ("databrew", "gluedatabrew"),
    ("deploy", "codedeploy"),
    ("discovery", "applicationdiscovery", "applicationdiscoveryservice"),
    ("dms", "databasemigration", "databasemigrationservice"),
    ("ds", "directoryservice"),
    ("elasticbeanstalk", "beanstalk"),
    ("elasticsearch", "es", "elasticsearchservice"),
    ("elb", "elasticloadbalancing"),
    ("elbv2", "elasticloadbalancingv2"),
    ("events", "eventbridge", "cloudwatchevents"),
    ("evidently", "cloudwatchevidently"),
    ("forecast", "forecastservice"),
    ("forecastquery", "forecastqueryservice"),
    ("grafana", "managedgrafana", "amg"),
    ("inspector2", "inspectorv2"),
    ("iot1clickdevices", "iot1clickdevicesservice"),
    ("kafka", "msk"),
    ("lexmodels", "lexmodelbuilding", "lexmodelbuildingservice", "lex"),
    ("lexruntime", "lexruntimeservice"),
    ("lexruntimev2", "lexv2runtime"),
    ("lexv2models", "lexmodelsv2"),
    ("location", "locationservice"),
    ("logs", "cloudwatchlog", "cloudwatchlogs"),
    ("oam", "cloudwatchobservabilityaccessmanager"),
    ("opensearch", "opensearchservice"),
    ("osis", "opensearchingestion"),
    ("rbin", "recyclebin"),
    ("rdsdata", "rdsdataservice"),
    ("redshiftdata", "redshiftdataapiservice"),
    ("resourcegroupstaggingapi", "resourcegroupstagging"),
    ("rum", "cloudwatchrum"),
    ("s3", "s3api"),
    ("serverlessrepo", "serverlessapprepo", "serverlessapplicationrepository"),
    ("servicecatalogappregistry", "appregistry"),
    ("sfn", "stepfunctions"),
    ("simpledb", "sdb"),
    ("transcribe", "transcribeservice"),
    ("transcribestreaming", "transcribestreamingservice"),
)
"""Names of one service in the provider's `endpoints` block; from 5.x on it refuses two names of one service.
Source: the provider's own service data (`names/data`)."""


def backend_override(backends: Iterable[str]) -> tuple[dict[str, Any], list[Modification]]:
    """Keep the state in the working folder, whatever backend is written down."""
    modifications = [
        Modification(file=FILE_NAME, subject=f"backend {name}", reason="state is kept in the working folder")
        for name in backends
        if name != "local"
    ]
    return {"terraform": {"backend": {"local": {}}}}, modifications


def provider_arguments(schema: ProviderSchema, *, endpoint: str, account: str) -> dict[str, Any]:
    """What a provider block needs so that it talks to the emulator alone, with the names this version knows."""
    wanted: dict[str, Any] = {
        "access_key": account,
        "secret_key": "test",
        "token": None,
        "profile": None,
        "shared_credentials_file": None,
        "shared_credentials_files": None,
        "shared_config_files": None,
        "allowed_account_ids": None,
        "forbidden_account_ids": None,
        # An emulator that fails makes the SDK retry for minutes otherwise.
        "max_retries": 2,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_get_ec2_platforms": True,
        "s3_use_path_style": True,
        "s3_force_path_style": True,
    }
    if "s3_use_path_style" in schema.arguments:
        wanted.pop("s3_force_path_style")
    chosen = {name: value for name, value in wanted.items() if name in schema.arguments}
    chosen["endpoints"] = [dict.fromkeys(endpoint_names(schema), endpoint)]
    return chosen


def endpoint_names(schema: ProviderSchema) -> list[str]:
    """One name per service of the provider's `endpoints` block."""
    names = set(schema.endpoints)
    for first, *others in ENDPOINT_ALIASES:
        if first in names:
            names -= set(others)
    return sorted(names)


def write_overrides(
    root: Path,
    blocks: Iterable[ProviderBlock],
    backends: Iterable[str],
    schema: ProviderSchema | None,
    *,
    endpoint: str,
    account: str,
) -> tuple[Modification, ...]:
    """Write one override file per module folder that configures the AWS provider, and return what was added."""
    content, modifications = backend_override(backends)
    files: dict[str, dict[str, Any]] = {".": content}
    if schema is not None:
        common = provider_arguments(schema, endpoint=endpoint, account=account)
        # The root always gets a default configuration: without one the provider would go to the real AWS.
        written = {(block.module, block.name, block.alias): block for block in blocks}
        default = ProviderBlock(".", "aws", None, frozenset(), frozenset(), FILE_NAME)
        written.setdefault((".", "aws", None), default)
        for (folder, name, alias), block in sorted(written.items(), key=str):
            # An argument is unset only where one was written; elsewhere a null would say nothing.
            own = {k: v for k, v in common.items() if v is not None or k in block.arguments}
            if alias is not None:
                own["alias"] = alias
            files.setdefault(folder, {}).setdefault("provider", {}).setdefault(name, []).append(own)
            modifications.append(
                Modification(
                    file=f"{folder}/{FILE_NAME}".removeprefix("./"),
                    subject=f"provider {name}{'.' + alias if alias else ''}",
                    arguments=tuple(sorted(own.keys() - {"alias"})),
                    reason="every request goes to the emulator, in an account of its own",
                )
            )
    for folder, text in files.items():
        (root / folder / FILE_NAME).write_text(json.dumps(text, indent=2))
    return tuple(modifications)
