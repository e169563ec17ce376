"""What invokes a function by a rule: schedules, the events of a bus, and the lines of a log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.serverless.draft import mapping, required, sequence, text
from pytest_lsqm.discovery.serverless.naming import (
    arn,
    arn_of,
    function_id,
    joined,
    normal,
    plain,
    ref,
    upper_first,
)

if TYPE_CHECKING:
    from pytest_lsqm.discovery.serverless.draft import Draft

_SCHEDULE = "Schedule"
_EVENT = "CloudWatchEvent"


def schedule(draft: Draft, name: str, given: Any, _: int) -> None:
    """Invoke a function at certain times, by one rule or one schedule for each of its rates."""
    config = mapping(given)
    by_scheduler = config.get("method") == "scheduler"
    for rate in sequence(required(config.get("rate") if config else given, "when")):
        if by_scheduler:
            _scheduler(draft, name, rate, config)
        else:
            _rule(draft, name, {"ScheduleExpression": rate}, config, _SCHEDULE)


def _scheduler(draft: Draft, name: str, rate: Any, config: dict[str, Any]) -> None:
    number = _next(draft, f"{normal(name)}SchedulerSchedule")
    function = arn_of(function_id(name))
    role = draft.resources[function_id(name)]["Properties"]["Role"]
    target = {"Arn": function, "RoleArn": role, "Input": _input(config.get("input"))}
    draft.add(
        f"{normal(name)}SchedulerSchedule{number}",
        "AWS::Scheduler::Schedule",
        {
            "ScheduleExpression": rate,
            "State": _state(config),
            "Target": {key: value for key, value in target.items() if value is not None},
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Name": config.get("name"),
            "Description": config.get("description"),
            "ScheduleExpressionTimezone": config.get("timezone"),
        },
    )
    # By its name: the role must not wait for the function, which waits for the role.
    name = draft.resources[function_id(name)]["Properties"]["FunctionName"]
    text_of_arn = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    for suffix in ("", ":*"):
        draft.allow(["lambda:InvokeFunction"], {"Fn::Sub": f"{text_of_arn}{name}{suffix}"})


def cloudwatch_event(draft: Draft, name: str, given: Any, _: int) -> None:
    """Invoke a function for events of the default bus, as they were written before EventBridge had its name."""
    config = mapping(given)
    _rule(draft, name, {"EventPattern": required(config.get("event"), "which event")}, config, _EVENT)


def _rule(draft: Draft, name: str, when: dict[str, Any], config: dict[str, Any], kind: str) -> None:
    number = _next(draft, f"{normal(name)}EventsRule{kind}")
    logical = f"{normal(name)}EventsRule{kind}{number}"
    target = {"Arn": arn_of(function_id(name)), "Id": f"{name}{kind}", **_transformed(config)}
    draft.add(
        logical,
        "AWS::Events::Rule",
        {
            **when,
            "State": _state(config),
            "Name": config.get("name"),
            "Description": config.get("description"),
            "Targets": [target],
        },
    )
    draft.permit(f"EventsRule{kind}{number}", name, "events.amazonaws.com", arn_of(logical))


def event_bridge(draft: Draft, name: str, given: Any, number: int) -> None:
    """Invoke a function for the events of a bus, which is made where it is given by its name."""
    config = mapping(given)
    required(config.get("pattern") or config.get("schedule"), "for which events")
    function = draft.resources[function_id(name)]["Properties"]["FunctionName"]
    rule = text(config.get("name") or f"{function}-rule-{number}", "the rule's name")
    bus = config.get("eventBus")
    made = None
    if isinstance(bus, str) and bus.startswith("arn"):
        bus = bus.partition("/")[2]
    elif isinstance(bus, str) and bus != "default":
        made = f"{normal(bus)}EventBridgeEventBus"
        draft.add(made, "AWS::Events::EventBus", {"Name": bus})
    bus = None if bus == "default" else bus
    retry, letters = mapping(config.get("retryPolicy")), config.get("deadLetterQueueArn")
    target = {"Arn": arn_of(function_id(name)), "Id": f"{rule}-target", **_transformed(config)}
    if retry:
        words = {"maximumEventAge": "MaximumEventAgeInSeconds", "maximumRetryAttempts": "MaximumRetryAttempts"}
        target["RetryPolicy"] = {word: retry[key] for key, word in words.items() if key in retry}
    if letters:
        target["DeadLetterConfig"] = {"Arn": letters}
    logical = f"{plain(rule)}EventBridgeRule"
    draft.add(
        logical,
        "AWS::Events::Rule",
        {
            "Description": config.get("description"),
            "EventBusName": bus,
            "EventPattern": config.get("pattern"),
            "ScheduleExpression": config.get("schedule"),
            "Name": rule,
            "State": _state(config),
            "Targets": [target],
        },
        DependsOn=made,
    )
    path = {"Fn::Join": ["/", ["rule", *([bus] if bus else []), rule]]}
    permission = f"{normal(name)}EventBridgeLambdaPermission{number}"
    draft.permit("", name, "events.amazonaws.com", arn("events", path))
    draft.resources[permission] = draft.resources.pop(f"{normal(name)}LambdaPermission")


def cloudwatch_log(draft: Draft, name: str, given: Any, _: int) -> None:
    """Send a log group's lines to a function."""
    config = mapping(given)
    group = text(config.get("logGroup") if config else given, "which log group")
    kind = "LogsSubscriptionFilterCloudWatchLog"
    number = _next(draft, f"{normal(name)}{kind}")
    permission = f"{normal(name)}LambdaPermission{kind}{'' if number == 1 else number}"
    draft.add(
        f"{normal(name)}{kind}{number}",
        "AWS::Logs::SubscriptionFilter",
        {
            "LogGroupName": group,
            "FilterPattern": config.get("filter") or "",
            "DestinationArn": arn_of(function_id(name)),
        },
        DependsOn=[permission],
    )
    suffix = permission.partition("LambdaPermission")[2]
    principal = joined("logs.", ref("AWS::Region"), ".amazonaws.com")
    draft.permit(suffix, name, principal, arn("logs", "log-group:", group, ":*"))


def _state(config: dict[str, Any]) -> str:
    return "DISABLED" if config.get("enabled") is False else "ENABLED"


def _next(draft: Draft, prefix: str) -> int:
    return 1 + sum(name.startswith(prefix) and name[len(prefix) :].isdecimal() for name in draft.resources)


def _input(given: Any) -> str | None:
    return given if given is None or isinstance(given, str) else json.dumps(given, separators=(",", ":"))


def _transformed(config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Input": _input(config.get("input")), "InputPath": config.get("inputPath")}
    if transformer := mapping(config.get("inputTransformer")):
        found["InputTransformer"] = {upper_first(key): value for key, value in transformer.items()}
    return {key: value for key, value in found.items() if value is not None}
