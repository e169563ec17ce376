from uuid import uuid4


def test_a_fault_is_shown_in_the_control_room(tramway):
    signal = str(uuid4())
    tramway.report("SignalFault", signal, line=4, severity="major")
    event = tramway.shown(signal)
    assert event["detail-type"] == "SignalFault"
    assert event["detail"]["line"] == 4


def test_trivial_faults_and_other_news_are_not_shown(tramway):
    trivial, delay, real = str(uuid4()), str(uuid4()), str(uuid4())
    tramway.report("SignalFault", trivial, line=4, severity="trivial")
    tramway.report("TramDelayed", delay, line=4, severity="major")
    tramway.report("SignalRepaired", real, line=4, severity="major")
    assert tramway.shown(real)["detail-type"] == "SignalRepaired"
    assert tramway.shown(trivial, seconds=1) is None
    assert tramway.shown(delay, seconds=1) is None


def test_a_fault_without_a_line_is_not_shown(tramway):
    nowhere, real = str(uuid4()), str(uuid4())
    tramway.report("SignalFault", nowhere, severity="major")
    tramway.report("SignalFault", real, line=1, severity="major")
    assert tramway.shown(real) is not None
    assert tramway.shown(nowhere, seconds=1) is None


def test_the_archive_keeps_faults_for_a_month(events, outputs):
    archive = events.describe_archive(ArchiveName=outputs["archive_name"])
    assert archive["RetentionDays"] == 30
    assert archive["EventSourceArn"] == outputs["bus_arn"]
    assert "SignalFault" in archive["EventPattern"]


def test_the_rules_pattern_can_be_tried_before_use(events, outputs):
    rule = events.describe_rule(
        Name=outputs["rule_name"], EventBusName=outputs["bus_name"]
    )
    event = """{"id": "1", "account": "1", "source": "%s", "time":
        "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
        "detail-type": "SignalFault", "detail": {"line": 1, "severity": "major"}}"""
    for source, expected in (("tramway", True), ("railway", False)):
        reply = events.test_event_pattern(
            EventPattern=rule["EventPattern"], Event=event % source
        )
        assert reply["Result"] is expected
