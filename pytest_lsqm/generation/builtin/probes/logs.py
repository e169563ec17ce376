"""Logs: what is logged can be read, and what a filter counts is what its pattern matches."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import named, references, written
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

JSON_TERM = re.compile(
    r'\{ *\$\.(?P<path>[\w.]+) *(?P<sign>>=|<=|!=|=|>|<) *(?P<value>"[^"*]+"|\w+|\d+(?:\.\d+)?) *\}'
)
"""A pattern with one condition on a member of a JSON object."""

WORDS = re.compile(r'\??(?:\w+|"[^"]+")')
"""The terms of a pattern that looks for words; with a question mark any of them is enough."""

helper('''
def log_and_read(logs, group, stream, text, seconds=20):
    """Write a line to a stream, and say whether it can be read there before the time is up."""
    event = {"timestamp": int(time.time() * 1000), "message": text}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = logs.get_log_events(
            logGroupName=group, logStreamName=stream, limit=100, startFromHead=False
        )
        if any(event["message"] == text for event in answer["events"]):
            return True
        time.sleep(0.5)
    return False
''')

helper('''
def new_stream(logs, group):
    """Open a stream of our own; one that is there already is that of a call that was repeated."""
    stream = str(uuid4())
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
    return stream
''')

helper('''
def log_group_settings(logs, name):
    """What is said of the log group of this very name."""
    answer = logs.describe_log_groups(logGroupNamePrefix=name)
    [found] = [group for group in answer["logGroups"] if group["logGroupName"] == name]
    return found
''')


@probe("aws_cloudwatch_log_group")
def log_group(it: Resource, world: World) -> Iterator[Test]:
    """Yield how long a group keeps its lines, and that a line that is logged can be read."""
    days = world.asked(it, "retention_in_days") or None
    lines = [
        f"group = {world.ref(it)}",
        'found = log_group_settings(logs, group["name"])',
        f'assert found.get("retentionInDays") == {days!r}',
    ]
    if it.attributes.get("kms_key_id"):
        lines.append(f'assert found["kmsKeyId"] == {references(it, world, {"k": "kms_key_id"})["k"]}')
    yield written("log_group_{}_keeps_lines_as_long_as_asked", it, world, *lines)
    yield written(
        "log_group_{}_gives_back_what_is_logged",
        it,
        world,
        f"group = {world.ref(it)}",
        'stream = new_stream(logs, group["name"])',
        "try:",
        '    assert log_and_read(logs, group["name"], stream, f"a line of {stream}")',
        "finally:",
        '    logs.delete_log_stream(logGroupName=group["name"], logStreamName=stream)',
    )


@probe("aws_cloudwatch_log_stream")
def log_stream(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a line that is logged to the stream can be read from it."""
    group = named(world, it.attributes.get("log_group_name"), besides=it) or f"{world.ref(it)}['log_group_name']"
    yield written(
        "log_stream_{}_gives_back_what_is_logged",
        it,
        world,
        f"stream = {world.ref(it)}",
        'text = f"a line of {uuid4()}"',
        f'assert log_and_read(logs, {group}, stream["name"], text)',
    )


@probe("aws_cloudwatch_log_metric_filter")
def metric_filter(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a filter counts, and into which metric."""
    asked: Any = world.asked(it, "metric_transformation", 0) or {}
    metric = {
        member: value
        for member, name in (
            ("metricName", "name"),
            ("metricNamespace", "namespace"),
            ("metricValue", "value"),
        )
        if (value := asked.get(name))
    }
    pattern = world.asked(it, "pattern")
    lines = [
        f"counter = {world.ref(it)}",
        "answer = logs.describe_metric_filters(",
        '    logGroupName=counter["log_group_name"], filterNamePrefix=counter["name"]',
        ")",
        '[found] = [f for f in answer["metricFilters"] if f["filterName"] == counter["name"]]',
        *([f'assert found["filterPattern"] == {pattern!r}'] if isinstance(pattern, str) else []),
        f"wanted = {metric!r}",
        'assert part(found["metricTransformations"][0], wanted) == wanted',
    ]
    yield written("metric_filter_{}_feeds_its_metric", it, world, *lines)
    if (line := _example(pattern)) is not None:
        yield from _counts(it, world, metric, asked, line)


helper('''
def counted(cloudwatch, namespace, metric):
    """The sum of a metric over the last quarter of an hour."""
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        StartTime=now - timedelta(minutes=15),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in answer["Datapoints"])
''')


def _counts(it: Resource, world: World, metric: dict[str, Any], asked: Any, line: str) -> Iterator[Test]:
    """A filter counts a line that its pattern matches; where it counts by a constant, that can be seen."""
    if metric.keys() < {"metricName", "metricNamespace", "metricValue"} or asked.get("dimensions"):
        return
    try:
        each = float(metric["metricValue"])
    except ValueError:
        return
    name, namespace = metric["metricName"], metric["metricNamespace"]
    yield written(
        "metric_filter_{}_counts_a_line_that_it_matches",
        it,
        world,
        f"counter = {world.ref(it)}",
        'group = counter["log_group_name"]',
        f"metric = ({namespace!r}, {name!r})",
        "before = counted(cloudwatch, *metric)",
        "stream = new_stream(logs, group)",
        "try:",
        f"    assert log_and_read(logs, group, stream, {line!r})",
        "    deadline = time.monotonic() + 45",
        f"    while counted(cloudwatch, *metric) < before + {each!r}:",
        "        assert time.monotonic() < deadline",
        "        time.sleep(0.5)",
        "finally:",
        "    logs.delete_log_stream(logGroupName=group, logStreamName=stream)",
    )


def _example(pattern: object) -> str | None:
    """A line that a pattern matches; None for patterns that are not that simple."""
    if not isinstance(pattern, str):
        return None
    text = pattern.strip()
    if not text:
        return "anything at all"
    if term := JSON_TERM.fullmatch(text):
        return _json_example(term["path"], term["sign"], term["value"])
    words = [word.lstrip("?").strip('"') for word in WORDS.findall(text)]
    return f"seen today: {' '.join(words)}" if WORDS.sub("", text).strip() == "" else None


def _json_example(path: str, sign: str, value: str) -> str | None:
    leaf: Any = value.strip('"')
    if value.startswith('"') or not value.replace(".", "").isdigit():
        if sign != "=":
            return None
    else:
        number = float(value) if "." in value else int(value)
        leaf = number + {"=": 0, ">=": 0, "<=": 0, ">": 1, "!=": 1, "<": -1}[sign]
    for key in reversed(path.split(".")):
        leaf = {key: leaf}
    return json.dumps(leaf)
