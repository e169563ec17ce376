"""SAM templates: AWS's own translator makes CloudFormation of them, without AWS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pytest_lsqm.discovery.cloudformation.code import ASSETS, inside
from pytest_lsqm.discovery.cloudformation.values import Lost, default_of, function
from pytest_lsqm.errors import DiscoveryError
from pytest_lsqm.models import LostResource

TRANSFORM = "AWS::Serverless-2016-10-31"

REGION = "us-east-1"
"""The translator asks for it to know the partition."""

_SOURCES = {
    "AWS::Serverless::Function": ("CodeUri", "."),
    "AWS::Serverless::LayerVersion": ("ContentUri", "."),
    "AWS::Serverless::StateMachine": ("DefinitionUri", None),
    "AWS::Serverless::Api": ("DefinitionUri", None),
    "AWS::Serverless::HttpApi": ("DefinitionUri", None),
}
"""By type the property that names a file or a folder, and what it is where it is not said."""

_ELSEWHERE = {
    "AWS::Serverless::Function": ("InlineCode", "ImageUri"),
    "AWS::Serverless::StateMachine": ("Definition",),
    "AWS::Serverless::Api": ("DefinitionBody",),
    "AWS::Serverless::HttpApi": ("DefinitionBody",),
}


@dataclass(frozen=True)
class _Session:
    """What the translator wants to know of an account."""

    region_name: str = REGION


def is_sam(template: dict[str, Any]) -> bool:
    """Whether a template is one of the Serverless Application Model."""
    transforms = template.get("Transform")
    return TRANSFORM in (transforms if isinstance(transforms, list) else [transforms])


def expand(template: dict[str, Any]) -> tuple[dict[str, Any], list[LostResource]]:
    """Return a template in plain CloudFormation, and what had to be left out before.

    Code that lies beside the template becomes an object in the bucket `code.ASSETS`.
    Raises DiscoveryError for what the translator refuses.
    """
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    # What an alias repeats would be changed in all its places at once.
    ours: dict[str, Any] = _apart(template)
    lost = _prepare(ours)
    parameters = ours.get("Parameters")
    values = {
        name: default_of(parameter)
        for name, parameter in (parameters if isinstance(parameters, dict) else {}).items()
        if isinstance(parameter, dict) and isinstance(parameter.get("Default"), str | int | float)
    }
    values = {name: each for name, each in values.items() if isinstance(each, str | int | float)}
    session: Any = _Session()
    try:
        found = Translator(None, Parser(), boto_session=session).translate(
            ours, values, get_managed_policy_map=dict
        )
    except InvalidDocumentException as error:
        causes = [str(cause.message) for cause in error.causes] or [str(error)]
        raise DiscoveryError(f"it is no template of SAM: {_short(causes[0])}") from error
    except RecursionError:
        raise
    except Exception as error:
        # The translator trusts its input: what is of another kind than expected ends it in any way.
        raise DiscoveryError(
            f"SAM's translator cannot read it: {type(error).__name__}: {_short(str(error))}"
        ) from error
    return dict(found), lost


def _apart(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _apart(each) for key, each in value.items()}
    return [_apart(each) for each in value] if isinstance(value, list) else value


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:300]


def _prepare(template: dict[str, Any]) -> list[LostResource]:
    """Take out what cannot be translated without AWS, and put places that the translator takes for local code."""
    resources = template["Resources"]
    shared = template.get("Globals")
    lost = []
    for name, resource in list(resources.items()):
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if not isinstance(kind, str) or not kind.startswith("AWS::Serverless::"):
            continue
        try:
            _place(kind, resource, shared if isinstance(shared, dict) else {})
        except Lost as error:
            lost.append(LostResource(name=str(name), type=kind, reason=str(error)))
            del resources[name]
    # What was said for all is now said of each.
    for kind, (key, _) in _SOURCES.items():
        common = shared.get(kind.rpartition("::")[2]) if isinstance(shared, dict) else None
        if isinstance(common, dict):
            common.pop(key, None)
    return lost


def _place(kind: str, resource: dict[str, Any], shared: dict[str, Any]) -> None:
    if kind == "AWS::Serverless::Application":
        raise Lost("it is an application of its own, which would have to be fetched")
    if kind not in _SOURCES:
        return
    key, usual = _SOURCES[kind]
    own = resource.get("Properties")
    common = shared.get(kind.rpartition("::")[2])
    common = common if isinstance(common, dict) else {}
    properties = resource["Properties"] = own if isinstance(own, dict) else {}
    if any(each in properties or each in common for each in _ELSEWHERE.get(kind, ())):
        return
    if "Image" in (properties.get("PackageType"), common.get("PackageType")):
        raise Lost("it is a container image, which would have to be built and pushed first")
    path = properties.get(key, common.get(key, usual))
    if isinstance(path, dict) and function(path) is None:
        properties[key] = path
    elif path is not None:
        properties[key] = _uri(path)


def _uri(path: Any) -> Any:
    if not isinstance(path, str):
        raise Lost("its code is known only once it is deployed")
    if path.startswith("s3://"):
        return path
    if "://" in path:
        raise Lost("its code would have to be fetched")
    return {"Bucket": ASSETS, "Key": inside(path)}


__all__ = ["expand", "is_sam"]
