import json
import time
from uuid import uuid4

from app import Logbook, errors_counted, page_about


def test_what_a_service_logs_can_be_read_in_order(logs, outputs):
    book = Logbook(logs, outputs["log_groups"]["web"], str(uuid4()))
    book.write({"error": "no seat", "seat": "4a"}, {"error": "no seat", "seat": "4b"})
    assert [entry["seat"] for entry in book.read()] == ["4a", "4b"]


def test_an_instances_errors_are_found_in_its_services_group_only(logs, outputs):
    instance = str(uuid4())
    groups = outputs["log_groups"]
    Logbook(logs, groups["worker"], instance).write({"error": "printer on fire"})
    Logbook(logs, groups["worker"], str(uuid4())).write({"error": "out of paper"})
    found = logs.filter_log_events(
        logGroupName=groups["worker"], logStreamNames=[instance]
    )["events"]
    elsewhere = logs.filter_log_events(logGroupName=groups["web"])["events"]
    assert [json.loads(e["message"])["error"] for e in found] == ["printer on fire"]
    assert instance not in {event["logStreamName"] for event in elsewhere}


def test_the_metric_filter_counts_every_error_of_its_service(logs, cloudwatch, outputs):
    namespace = outputs["namespace"]
    before = errors_counted(cloudwatch, namespace, "web-errors")
    book = Logbook(logs, outputs["log_groups"]["web"], str(uuid4()))
    book.write({"error": "a"}, {"error": "b"}, {"error": "c"})
    deadline = time.monotonic() + 20
    counted = before
    while counted < before + 3 and time.monotonic() < deadline:
        time.sleep(0.5)
        counted = errors_counted(cloudwatch, namespace, "web-errors")
    assert counted == before + 3


def test_an_alarm_rings_the_pager(cloudwatch, sqs, outputs):
    alarm, reason = outputs["alarms"]["worker"], f"drill {uuid4()}"
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason=reason)
    page = page_about(sqs, outputs["pager_url"], reason)
    assert page["AlarmName"] == alarm
    assert page["NewStateValue"] == "ALARM"
    cloudwatch.set_alarm_state(
        AlarmName=alarm, StateValue="OK", StateReason=f"end of {reason}"
    )
    assert page_about(sqs, outputs["pager_url"], f"end of {reason}") is not None


def test_each_alarm_watches_the_metric_of_its_filter(cloudwatch, logs, outputs):
    for service, name in outputs["alarms"].items():
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        [metric_filter] = logs.describe_metric_filters(
            logGroupName=outputs["log_groups"][service]
        )["metricFilters"]
        [transformation] = metric_filter["metricTransformations"]
        assert transformation["metricName"] == alarm["MetricName"]
        assert transformation["metricNamespace"] == alarm["Namespace"]


def test_the_dashboard_shows_every_services_errors(cloudwatch, outputs):
    body = cloudwatch.get_dashboard(DashboardName=outputs["dashboard"])["DashboardBody"]
    [widget] = json.loads(body)["widgets"]
    shown = {metric for _, metric in widget["properties"]["metrics"]}
    assert shown == {f"{service}-errors" for service in outputs["log_groups"]}
