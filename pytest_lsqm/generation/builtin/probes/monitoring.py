"""Alarms and dashboards: what raises an alarm and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import compared, references, settings, written
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

METRIC_ALARM = {
    "ActionsEnabled": "actions_enabled",
    "AlarmDescription": "alarm_description",
    "ComparisonOperator": "comparison_operator",
    "DatapointsToAlarm": "datapoints_to_alarm",
    "EvaluationPeriods": "evaluation_periods",
    "ExtendedStatistic": "extended_statistic",
    "MetricName": "metric_name",
    "Namespace": "namespace",
    "Period": "period",
    "Statistic": "statistic",
    "Threshold": "threshold",
    "TreatMissingData": "treat_missing_data",
    "Unit": "unit",
}
ACTIONS = {
    "AlarmActions": "alarm_actions",
    "OKActions": "ok_actions",
    "InsufficientDataActions": "insufficient_data_actions",
}
REACHED = {
    "GreaterThanOrEqualToThreshold": 0,
    "GreaterThanThreshold": 1,
    "LessThanOrEqualToThreshold": 0,
    "LessThanThreshold": -1,
}
"""How far from its threshold a value raises an alarm, at least."""

ADDITIVE = ("Sum", "Average", "Maximum", "Minimum")

helper('''
def alarm_state(cloudwatch, name, wanted, seconds):
    """The state of an alarm, once it is the wanted one or when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        if alarm["StateValue"] == wanted or time.monotonic() > deadline:
            return alarm["StateValue"]
        time.sleep(0.5)
''')

helper('''
def copy_is_raised(cloudwatch, name, seconds=45):
    """Whether an alarm that watches the same, but disturbs nobody, is raised before the time is up."""
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    same = (
        "MetricName",
        "Namespace",
        "Statistic",
        "Dimensions",
        "Period",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
    )
    settings = {key: alarm[key] for key in same if alarm.get(key) is not None}
    copy, deadline = f"{name}-{uuid4()}", time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            # Some look at the metric when an alarm is put, and not again for a minute.
            cloudwatch.put_metric_alarm(AlarmName=copy, ActionsEnabled=False, **settings)
            if alarm_state(cloudwatch, copy, "ALARM", seconds=4) == "ALARM":
                return True
        return False
    finally:
        cloudwatch.delete_alarms(AlarmNames=[copy])
''')

helper('''
def drill(cloudwatch, name, seconds=15):
    """Set an alarm off, or end it where it is on: whether its history comes to tell why."""
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    state = "OK" if alarm["StateValue"] == "ALARM" else "ALARM"
    reason, deadline = f"a drill {uuid4()}", time.monotonic() + seconds
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
    while time.monotonic() < deadline:
        answer = cloudwatch.describe_alarm_history(
            AlarmName=name, HistoryItemType="StateUpdate", MaxRecords=20
        )
        if any(reason in item["HistoryData"] for item in answer["AlarmHistoryItems"]):
            return True
        time.sleep(0.5)
    return False
''')


@probe("aws_cloudwatch_metric_alarm")
def metric_alarm(it: Resource, world: World) -> Iterator[Test]:
    """Yield what an alarm watches, and that it is raised: by hand, and by a datapoint where one is enough."""
    wanted = settings(it, world, METRIC_ALARM)
    if isinstance(value := world.asked(it, "evaluate_low_sample_count_percentiles"), str) and value:
        wanted["EvaluateLowSampleCountPercentile"] = repr(value)
    wanted |= references(it, world, {member: name for member, name in ACTIONS.items() if it.attributes.get(name)})
    lines = [
        f"alarm = {world.ref(it)}",
        'answer = cloudwatch.describe_alarms(AlarmNames=[alarm["alarm_name"]])',
        '[found] = answer["MetricAlarms"]',
        *compared(wanted),
    ]
    if dimensions := world.asked(it, "dimensions"):
        lines += [
            'dimensions = {told["Name"]: told["Value"] for told in found["Dimensions"]}',
            f"assert dimensions == {dimensions!r}",
        ]
    if queries := world.asked(it, "metric_query"):
        expressions = {query["id"]: query["expression"] for query in queries if query.get("expression")}
        lines += [
            'queries = {query["Id"]: query for query in found["Metrics"]}',
            f"assert queries.keys() == {{{', '.join(sorted(repr(query['id']) for query in queries))}}}",
            *(f"assert queries[{key!r}]['Expression'] == {text!r}" for key, text in sorted(expressions.items())),
        ]
    yield written("alarm_{}_watches_what_it_was_asked_to", it, world, *lines)
    yield _raised_by_hand(it, world)
    if (quick := _raised_by_data(it, world)) is not None:
        yield quick


def _raised_by_data(it: Resource, world: World) -> Test | None:
    """A test that puts the metric over the threshold, where a single datapoint decides within a minute."""
    asked: Any = {**it.attributes, **it.asked}
    operator, threshold = asked.get("comparison_operator"), asked.get("threshold")
    quick = asked.get("evaluation_periods") == 1 and 0 < (asked.get("period") or 0) <= 60
    simple = not asked.get("metric_query") and asked.get("statistic") in ADDITIVE and not asked.get("unit")
    own = not str(asked.get("namespace")).startswith("AWS/")  # nobody else may write to those
    if not (quick and simple and own) or operator not in REACHED or threshold is None:
        return None
    if asked.get("statistic") == "Minimum" or (operator.startswith("Less") and asked.get("statistic") == "Sum"):
        return None  # others' datapoints of the same minute would count as well
    factor = 10 if REACHED[operator] or operator.startswith("Greater") else 1
    value = threshold + factor * (1 if operator.startswith("Greater") else -1)
    dimensions = [{"Name": key, "Value": text} for key, text in sorted((asked.get("dimensions") or {}).items())]
    more = f", 'Dimensions': {dimensions!r}" if dimensions else ""
    return written(
        "alarm_like_{}_is_raised_by_what_it_watches",
        it,
        world,
        f"alarm = {world.ref(it)}",
        "now = datetime.now(UTC) - timedelta(seconds=2)",
        f"datapoint = {{'MetricName': alarm['metric_name'], 'Timestamp': now, 'Value': {float(value)!r}{more}}}",
        "cloudwatch.put_metric_data(Namespace=alarm['namespace'], MetricData=[datapoint])",
        "assert copy_is_raised(cloudwatch, alarm['alarm_name'])",
    )


def _raised_by_hand(it: Resource, world: World) -> Test:
    return written(
        "alarm_{}_remembers_why_it_changed",
        it,
        world,
        f"alarm = {world.ref(it)}",
        "assert drill(cloudwatch, alarm['alarm_name'])",
    )


@probe("aws_cloudwatch_composite_alarm")
def composite_alarm(it: Resource, world: World) -> Iterator[Test]:
    """Yield of which alarms a composite is made, and what it sets off."""
    wanted = settings(it, world, {"AlarmDescription": "alarm_description", "AlarmRule": "alarm_rule"})
    wanted |= references(it, world, {member: name for member, name in ACTIONS.items() if it.attributes.get(name)})
    yield written(
        "composite_alarm_{}_watches_other_alarms",
        it,
        world,
        f"alarm = {world.ref(it)}",
        "answer = cloudwatch.describe_alarms(",
        '    AlarmNames=[alarm["alarm_name"]], AlarmTypes=["CompositeAlarm"]',
        ")",
        '[found] = answer["CompositeAlarms"]',
        *compared(wanted),
    )


@probe("aws_cloudwatch_dashboard")
def dashboard(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a dashboard shows what was asked for, and is found among all dashboards."""
    body = world.asked_json(it, "dashboard_body")
    shown = (
        f"assert json.loads(answer['DashboardBody']) == {body!r}"
        if body is not None
        else "assert json.loads(answer['DashboardBody']) == json.loads(dashboard['dashboard_body'])"
    )
    yield written(
        "dashboard_{}_shows_what_was_asked_for",
        it,
        world,
        f"dashboard = {world.ref(it)}",
        "answer = cloudwatch.get_dashboard(DashboardName=dashboard['dashboard_name'])",
        shown,
        "listed = cloudwatch.list_dashboards(",
        "    DashboardNamePrefix=dashboard['dashboard_name']",
        ")",
        "names = [entry['DashboardName'] for entry in listed['DashboardEntries']]",
        "assert dashboard['dashboard_name'] in names",
    )
