"""Services of the Serverless Framework as CloudFormation templates, by reading: nothing of a service is run.

The resources and their names are those that the framework documents. Its own bucket for archives and the
versions of functions are left out: they belong to the deployment, not to the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.discovery.serverless import events, functions, loading, pruning, rules
from pytest_lsqm.discovery.serverless.draft import ROLE, Cannot, Draft, mapping, sequence
from pytest_lsqm.discovery.serverless.gateway import HttpApi, WebsocketApi
from pytest_lsqm.discovery.serverless.naming import arn_of, function_id, normal
from pytest_lsqm.discovery.serverless.rest import RestApi
from pytest_lsqm.discovery.serverless.variables import DEFAULTS, Variables, finish
from pytest_lsqm.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_lsqm.models import LostResource

    Handler = Callable[[Draft, str, Any, int], None]

HARMLESS = frozenset(
    {
        "serverless-bundle",
        "serverless-deployment-bucket",
        "serverless-dotenv-plugin",
        "serverless-dynamodb",
        "serverless-dynamodb-local",
        "serverless-esbuild",
        "serverless-export-env",
        "serverless-localstack",
        "serverless-offline",
        "serverless-plugin-common-excludes",
        "serverless-plugin-include-dependencies",
        "serverless-plugin-monorepo",
        "serverless-plugin-optimize",
        "serverless-plugin-split-stacks",
        "serverless-plugin-typescript",
        "serverless-prune-plugin",
        "serverless-pseudo-parameters",
        "serverless-python-requirements",
        "serverless-s3-local",
        "serverless-s3-sync",
        "serverless-stack-output",
        "serverless-webpack",
        "serverless-wsgi",
    }
)
"""Plugins that build, run locally or clean up, and leave the resources of a service as they are."""

_HARMLESS_PREFIX = "serverless-offline-"

_ELSEWHERE = {
    "activemq": "its broker stands outside of the service",
    "alb": "its listener belongs to a load balancer outside of the service",
    "alexaSkill": "the skill is kept by Alexa",
    "alexaSmartHome": "the skill is kept by Alexa",
    "cloudFront": "it runs at the edge, by a version of the function",
    "cognitoUserPool": "its triggers are set in a user pool by a program of the framework",
    "iot": "rules of IoT are not converted",
    "iotFleetProvisioning": "templates of IoT are not converted",
    "kafka": "its cluster stands outside of the service",
    "msk": "its cluster stands outside of the service",
    "rabbitmq": "its broker stands outside of the service",
}
"""Why an event that the framework knows is left out."""

_SECTIONS = ("Conditions", "Parameters", "Mappings", "Transform", "Rules", "Metadata")


@dataclass(frozen=True)
class Service:
    """A service as a template: `assets` are the functions' code by logical id, `lost` what the template lacks."""

    name: str
    template: dict[str, Any]
    assets: dict[str, str]
    lost: tuple[LostResource, ...]


def template(folder: Path, *, top: Path | None = None) -> Service:
    """Read the service in a folder; files that it includes may lie anywhere in `top`, by default in the folder.

    Raises DiscoveryError for a program, a service of another cloud, and one that cannot be read.
    """
    config = loading.configuration(folder)
    if "component" in config:
        raise DiscoveryError("it is a Serverless Component, which is a program")
    variables = Variables(config, folder, top or folder)
    provider = _provider(variables, config)
    resources = _Resources(variables, config.get("resources"))
    draft = Draft(_name(variables, config), str(provider["stage"]), provider, resources.given)
    _plugins(draft, variables.resolve(config.get("plugins")))
    _provider_environment(draft, variables)
    wanted = _functions(variables, config)
    assets = _add_functions(draft, variables, wanted, folder, mapping(variables.resolve(config.get("package"))))
    _add_events(draft, variables, wanted)
    for name in mapping(variables.resolve(config.get("layers"))):
        why = "a layer's archive has to be built first"
        draft.lose(f"{normal(name)}LambdaLayer", "AWS::Lambda::LayerVersion", why)
    if any(draft.resources[function_id(name)]["Properties"]["Role"] == arn_of(ROLE) for name in draft.functions):
        in_network = any("VpcConfig" in resource["Properties"] for resource in draft.resources.values())
        functions.shared_role(draft, in_network=in_network)
    resources.into(draft)
    pruning.prune(draft, variables.lost)
    made = {**resources.sections, "Resources": draft.resources, "Outputs": draft.outputs}
    kept = {name: code for name, code in assets.items() if name in draft.resources}
    return Service(
        draft.service, finish({key: value for key, value in made.items() if value}), kept, tuple(draft.lost)
    )


def _provider(variables: Variables, config: dict[str, Any]) -> dict[str, Any]:
    found = variables.resolve(config.get("provider"))
    provider = {"name": found} if isinstance(found, str) else mapping(found)
    if why := variables.lost(found if isinstance(found, str) else provider.get("name")):
        raise DiscoveryError(f"its provider is not known: {why}")
    if provider.get("name") != "aws":
        raise DiscoveryError(f"it is a service for {shown(str(provider.get('name') or 'no cloud'))}, not for aws")
    stage = provider.get("stage") or DEFAULTS["stage"]
    if why := variables.lost(stage):
        raise DiscoveryError(f"its stage is not known: {why}")
    return {**provider, "stage": stage}


def _name(variables: Variables, config: dict[str, Any]) -> str:
    found = variables.resolve(config.get("service"))
    name = found.get("name") if isinstance(found, dict) else found
    if why := variables.lost(name):
        raise DiscoveryError(f"its name is not known: {why}")
    if not isinstance(name, str) or not name:
        raise DiscoveryError("it has no name: there is no `service` in it")
    return name


def _plugins(draft: Draft, given: Any) -> None:
    plugins = given.get("modules") if isinstance(given, dict) else given
    for plugin in sequence(plugins):
        if str(plugin) not in HARMLESS and not str(plugin).startswith(_HARMLESS_PREFIX):
            why = "it is a program that may change what is deployed"
            draft.lose(shown(str(plugin)), "serverless plugin", why)


def _provider_environment(draft: Draft, variables: Variables) -> None:
    """Lose a variable that all functions share once, not once for each of them."""
    given = draft.provider.get("environment")
    if isinstance(given, str) and (why := variables.lost(given)):
        draft.lose("provider.environment", "serverless environment variable", why)
    kept = {}
    for key, value in mapping(given).items():
        if why := variables.lost(value):
            draft.lose(f"provider.environment.{key}", "serverless environment variable", why)
        else:
            kept[key] = value
    draft.provider["environment"] = kept


def _functions(variables: Variables, config: dict[str, Any]) -> dict[str, Any]:
    """Return the functions of a service, which may be in one mapping or in a list of several."""
    found = variables.resolve(config.get("functions"))
    merged: dict[str, Any] = {}
    for part in sequence(found):
        if isinstance(part, str):
            raise DiscoveryError(f"its functions are not known: {variables.lost(part) or 'they are no mapping'}")
        merged |= mapping(part)
    return {name: given for name, given in merged.items() if given}


def _add_functions(
    draft: Draft, variables: Variables, wanted: dict[str, Any], folder: Path, package: dict[str, Any]
) -> dict[str, str]:
    assets = {}
    for name, given in wanted.items():
        config = {key: value for key, value in mapping(given).items() if key not in {"events", "environment"}}
        try:
            variables.require(given if isinstance(given, str) else config)
            config["environment"] = mapping(given).get("environment")
            assets[function_id(name)] = functions.function(draft, name, config, folder, package)
            draft.functions[name] = config
        except Cannot as why:
            draft.lose(function_id(name), "AWS::Lambda::Function", str(why))
    return assets


def _add_events(draft: Draft, variables: Variables, wanted: dict[str, Any]) -> None:
    rest, http, sockets = RestApi(draft), HttpApi(draft), WebsocketApi(draft)
    handlers: dict[str, Handler] = {
        "http": rest.event,
        "httpApi": http.event,
        "websocket": sockets.event,
        "sqs": events.sqs,
        "stream": events.stream,
        "sns": events.sns,
        "s3": events.s3,
        "schedule": rules.schedule,
        "cloudwatchEvent": rules.cloudwatch_event,
        "eventBridge": rules.event_bridge,
        "cloudwatchLog": rules.cloudwatch_log,
    }
    for name, given in wanted.items():
        for number, (kind, config) in enumerate(_events(given), start=1):
            try:
                variables.require(config)
                _possible(draft, name, kind, handlers)
                handlers[kind](draft, name, config, number)
            except Cannot as why:
                draft.lose(f"{name}.{kind}", f"serverless event {shown(kind)}", str(why))
    for api in (rest, http, sockets):
        api.end()


def _possible(draft: Draft, name: str, kind: str, handlers: dict[str, Handler]) -> None:
    if name not in draft.functions:
        raise Cannot("its function is left out")
    if kind not in handlers:
        raise Cannot(_ELSEWHERE.get(kind, "it is an event of a plugin, which is a program"))


def _events(given: Any) -> Iterator[tuple[str, Any]]:
    for event in sequence(mapping(given).get("events")):
        if isinstance(event, dict):
            kind, config = next(iter(event.items()), ("", None))
            yield str(kind), config
        elif event:
            yield str(event), None


class _Resources:
    """What a service writes out as CloudFormation itself: one mapping, or a list of several."""

    def __init__(self, variables: Variables, given: Any) -> None:
        self.given: dict[str, dict[str, Any]] = {}
        self.outputs: dict[str, Any] = {}
        self.extensions: dict[str, Any] = {}
        self.sections: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
        for part in sequence(variables.resolve(given)):
            if isinstance(part, str):
                raise DiscoveryError(
                    f"its resources are not known: {variables.lost(part) or 'they are no mapping'}"
                )
            self._take(variables, mapping(part))

    def _take(self, variables: Variables, part: dict[str, Any]) -> None:
        for key in ("Resources", "Outputs", *_SECTIONS):
            if isinstance(part.get(key), str) and (why := variables.lost(part[key])):
                raise DiscoveryError(f"its {key} are not known: {why}")
        resources = {name: each for name, each in mapping(part.get("Resources")).items() if isinstance(each, dict)}
        _merge(self.given, resources)
        _merge(self.outputs, mapping(part.get("Outputs")))
        _merge(self.extensions, mapping(part.get("extensions")))
        for key in _SECTIONS:
            if part.get(key):
                if why := variables.lost(part[key]):
                    raise DiscoveryError(f"its {key} are not known: {why}")
                _merge(self.sections, {key: part[key]})

    def into(self, draft: Draft) -> None:
        """Lay these resources over those of the functions and events, and extend what is to be extended."""
        _merge(draft.resources, self.given)
        _merge(draft.outputs, self.outputs)
        for name, extension in self.extensions.items():
            if name in draft.resources:
                _merge(draft.resources[name], mapping(extension))
            else:
                draft.lose(name, "serverless extension", "there is no such resource")


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        elif isinstance(value, list) and isinstance(into.get(key), list):
            into[key] = [*into[key], *(each for each in value if each not in into[key])]
        else:
            into[key] = value
