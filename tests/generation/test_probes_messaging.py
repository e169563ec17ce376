"""What the probes of queues, topics, buses, streams, workflows, functions and mail ask, told from their code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_lsqm.generation.base import Resource
from pytest_lsqm.generation.builtin import registry, writing
from pytest_lsqm.generation.builtin.probes import machines, patterns, sinks
from pytest_lsqm.generation.builtin.world import World

REGION = "eu-west-1"
SQS = f"arn:aws:sqs:{REGION}:000000000000"
SNS = f"arn:aws:sns:{REGION}:000000000000"
EVENTS = f"arn:aws:events:{REGION}:000000000000:rule"


def resource(address: str, **attributes: Any) -> Resource:
    type_, name = address.split(".")
    return Resource(address, type_, name, attributes, attributes)


def letting(service: str, source: str | None = None) -> str:
    """A policy that lets a service in, from one source or from all."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "*",
        "Resource": "*",
    }
    if source:
        statement["Condition"] = {"ArnLike": {"aws:SourceArn": source}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def queue(name: str = "q", **more: Any) -> Resource:
    given: dict[str, Any] = {"arn": f"{SQS}:{name}", "id": f"url/{name}", "fifo_queue": False} | more
    return resource(f"aws_sqs_queue.{name}", **given)


def topic(**more: Any) -> Resource:
    return resource("aws_sns_topic.t", **({"arn": f"{SNS}:t", "fifo_topic": False} | more))


def subscription(**more: Any) -> Resource:
    given: dict[str, Any] = {
        "arn": f"{SNS}:t:1",
        "topic_arn": f"{SNS}:t",
        "protocol": "sqs",
        "endpoint": f"{SQS}:q",
    } | more
    return resource("aws_sns_topic_subscription.s", **given)


def probed(which: Resource, *others: Resource) -> dict[str, str]:
    """The tests of a resource: name to body."""
    world = World([which, *others], REGION)
    return {test.name.format(test.label): test.body for test in registry.PROBES[which.type](which, world)}


# Patterns.


@pytest.mark.parametrize(
    ("pattern", "event", "matches"),
    [
        ({"a": ["x", "y"]}, {"a": "y"}, True),
        ({"a": ["x"]}, {"a": "xy"}, False),
        ({"a": ["x"]}, {"a": ["w", "x"]}, True),
        ({"a": [{"prefix": "or"}]}, {"a": "order"}, True),
        ({"a": [{"suffix": ".png"}]}, {"a": "b.png.x"}, False),
        ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "y"}, False),
        ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "yx"}, True),
        ({"a": [{"anything-but": ["x"]}]}, {}, False),
        ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5}, True),
        ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 0}, False),
        ({"a": [{"numeric": ["=", 5]}]}, {"a": "5"}, False),
        ({"a": [{"exists": False}]}, {"b": 1}, True),
        ({"a": [{"exists": True}]}, {"b": 1}, False),
        ({"a": {"b": [1]}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": [1]}}, {"a": 1}, False),
        ({"a": [True]}, {"a": 1}, False),
        ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.0.9"}, True),
        ({"a": [{"wildcard": "x*z"}]}, {"a": "xyz"}, True),
        ({"a": [{"equals-ignore-case": "ab"}]}, {"a": "AB"}, True),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "x"}, False),
    ],
)
def test_a_pattern_matches_what_aws_says_it_does(pattern: Any, event: Any, matches: bool) -> None:
    assert patterns.matches(pattern, event) is matches


def test_what_fits_and_what_misses_differ_in_one_condition_each() -> None:
    pattern = {
        "source": ["shop"],
        "detail": {
            "total": [{"numeric": [">=", 500]}],
            "by": [{"exists": False}],
            "why": [{"anything-but": "test"}],
        },
    }
    fitting = patterns.fitting(pattern)
    assert fitting == {"source": "shop", "detail": {"total": 500, "why": "test-probe"}}
    assert patterns.missing(pattern) == [
        fitting | {"source": "shop-not"},
        fitting | {"detail": {"total": 499, "why": "test-probe"}},
        fitting | {"detail": {"total": 500, "by": "probe", "why": "test-probe"}},
        fitting | {"detail": {"total": 500, "why": "test"}},
    ]


def test_a_condition_that_is_not_known_is_not_guessed() -> None:
    with pytest.raises(patterns.Unknown):
        patterns.fitting({"a": [{"sounds-like": "x"}]})


# Queues and topics.


def test_a_queue_that_a_function_reads_is_not_read_by_a_test() -> None:
    mapping = resource("aws_lambda_event_source_mapping.m", event_source_arn=f"{SQS}:q")
    assert "queue_q_gives_back_what_is_sent" in probed(queue())
    assert not any("gives_back" in name for name in probed(queue(), mapping))
    reader = queue(policy=letting("sns.amazonaws.com"))
    assert list(probed(subscription(), topic(), reader, mapping)) == ["subscription_s_is_listed_as_asked"]


def test_what_a_filter_wants_is_published_after_what_it_does_not() -> None:
    policy = json.dumps({"event": ["sold"], "price": [{"numeric": [">=", 10]}]})
    tests = probed(
        subscription(filter_policy=policy, raw_message_delivery=True), topic(), queue(policy=letting("*"))
    )
    assert list(tests) == ["subscription_s_is_listed_as_asked"]  # nobody may send to that queue
    reader = queue(policy=letting("sns.amazonaws.com", f"{SNS}:t"))
    tests = probed(subscription(filter_policy=policy, raw_message_delivery=True), topic(), reader)
    body = tests["subscription_s_lets_through_what_its_filter_wants"]
    published = [line for line in body.splitlines() if line.startswith("publish(")]
    sold, ten = "{'DataType': 'String', 'StringValue': 'sold'}", "{'DataType': 'Number', 'StringValue': '10'}"
    assert published == [
        f"publish(sns, topic, unwanted, {{'event': {sold.replace('sold', 'sold-not')}, 'price': {ten}}})",
        f"publish(sns, topic, unwanted, {{'event': {sold}, 'price': {ten.replace('10', '9')}}})",
        f"publish(sns, topic, wanted, {{'event': {sold}, 'price': {ten}}})",
    ]
    assert "assert wanted in bodies" in body
    assert "assert not any(unwanted in body for body in bodies)" in body


def test_a_filter_on_the_body_is_met_by_the_body() -> None:
    policy = json.dumps({"event": {"kind": ["sold"]}})
    more: dict[str, Any] = {
        "filter_policy": policy,
        "filter_policy_scope": "MessageBody",
        "raw_message_delivery": True,
    }
    tests = probed(subscription(**more), topic(), queue(policy=letting("sns.amazonaws.com")))
    body = tests["subscription_s_lets_through_what_its_filter_wants"]
    assert "publish(sns, topic, json.dumps({'event': {'kind': 'sold-not'}, 'probe': unwanted}))" in body
    assert "assert json.dumps({'event': {'kind': 'sold'}, 'probe': wanted}) in bodies" in body


def test_a_message_in_an_envelope_is_looked_for_there() -> None:
    body = probed(subscription(), topic(), queue(policy=letting("sns.amazonaws.com")))[
        "subscription_s_passes_messages_on"
    ]
    assert '("Notification", topic["arn"], wanted)' in body
    assert "unwanted" not in body


def test_a_queue_in_another_region_is_read_there() -> None:
    far = queue(arn="arn:aws:sqs:us-west-2:000000000000:q", policy=letting("sns.amazonaws.com"))
    body = probed(subscription(endpoint="arn:aws:sqs:us-west-2:000000000000:q"), topic(), far)
    assert "sqs = boto3.client(\"sqs\", region_name='us-west-2')" in body["subscription_s_passes_messages_on"]


def test_messages_to_a_fifo_topic_have_a_group() -> None:
    assert 'if topic["fifo_topic"]' in writing.HELPERS["publish"]
    assert '"MessageGroupId"' in writing.HELPERS["publish"]
    tests = probed(topic(fifo_topic=True))
    assert "'FifoTopic': 'true'" in tests["topic_t_has_the_settings_that_were_asked_for"]
    assert "overhear(sns, sqs, topic, text)" in tests["topic_t_tells_a_subscriber"]


def test_a_topic_whose_subscriber_is_probed_needs_none_of_the_tests_own() -> None:
    assert "topic_t_tells_a_subscriber" in probed(topic())
    heard = probed(topic(), subscription(), queue(policy=letting("sns.amazonaws.com")))
    assert "topic_t_tells_a_subscriber" not in heard
    assert "topic_t_tells_a_subscriber" not in probed(
        topic(), subscription(protocol="https", endpoint="https://x.test")
    )


def test_a_policy_is_told_by_its_verdicts_and_compared_as_a_whole() -> None:
    policy = resource("aws_sqs_queue_policy.p", queue_url="url/q", policy=letting("s3.amazonaws.com"))
    (body,) = probed(policy, queue()).values()
    assert "assert verdicts(policy) == [['Allow', ['s3.amazonaws.com'], ['*']]]" in body
    assert "assert meaning(policy) == meaning({" in body, "what was asked for, not what is there"
    assert "'Principal': {'Service': 's3.amazonaws.com'}" in body


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}, True),
        ({"Action": ["b", "a"]}, {"Action": ["a", "b"]}, True),
        ({"Action": "a"}, {"Action": ["a"]}, True),
        ({"Principal": {"AWS": "000000000000"}}, {"Principal": {"AWS": "arn:aws:iam::000000000000:root"}}, True),
        ({"Effect": "Allow"}, {"Effect": "Deny"}, False),
        ({"Condition": {"Bool": {"a": True}}}, {"Condition": {"Bool": {"a": "true"}}}, True),
        ({"Condition": {"Bool": {"a": "true"}}}, {}, False),
    ],
)
def test_policies_are_compared_by_what_they_mean(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    names: dict[str, Any] = {"json": json, "re": __import__("re")}
    for helper in ("unordered", "meaning"):
        exec(writing.HELPERS[helper], names)
    first, second = (names["meaning"](json.dumps({"Statement": [each]})) for each in (one, other))
    assert (first == second) is same


@pytest.mark.parametrize(
    ("service", "source", "allowed"),
    [
        ("sns.amazonaws.com", f"{SNS}:t", True),
        ("sns.amazonaws.com", f"{SNS}:other", False),
        ("s3.amazonaws.com", f"{SNS}:t", False),
    ],
)
def test_only_what_a_policy_lets_in_would_be_delivered(service: str, source: str, allowed: bool) -> None:
    assert sinks.allows(letting("sns.amazonaws.com", f"{SNS}:t"), service, "sqs:SendMessage", source) is allowed


def test_nothing_is_delivered_to_a_queue_whose_key_the_sender_may_not_use() -> None:
    reader = queue(policy=letting("sns.amazonaws.com"), kms_master_key_id="alias/aws/sqs")
    assert "subscription_s_passes_messages_on" not in probed(subscription(), topic(), reader)
    own = queue(policy=letting("sns.amazonaws.com"), kms_master_key_id="k")
    key = resource("aws_kms_key.k", arn="arn", key_id="k", policy=letting("sns.amazonaws.com"))
    assert "subscription_s_passes_messages_on" in probed(subscription(), topic(), own, key)


# Buses.


def rule(pattern: Any = None, name: str = "r", **more: Any) -> Resource:
    text = {"event_pattern": json.dumps(pattern)} if pattern else {}
    given = (
        {"arn": f"{EVENTS}/{name}", "name": name, "event_bus_name": "default", "is_enabled": True} | text | more
    )
    return resource(f"aws_cloudwatch_event_rule.{name}", **given)


def target(name: str = "g", **more: Any) -> Resource:
    given: dict[str, Any] = {"rule": "r", "arn": f"{SQS}:q", "target_id": "1", "event_bus_name": "default"} | more
    return resource(f"aws_cloudwatch_event_target.{name}", **given)


READER = queue(policy=letting("events.amazonaws.com"))
PATTERN = {"source": ["shop"], "detail": {"total": [{"numeric": [">", 5]}]}}
ARRIVES = "event_for_g_arrives_in_the_sqs_queue_and_others_do_not"


def test_an_event_that_fits_arrives_and_near_misses_do_not() -> None:
    body = probed(target(), rule(PATTERN), READER)[ARRIVES]
    assert "event = {'source': 'shop', 'detail': {'total': 6, 'probe': wanted}}" in body
    assert "{'source': 'shop-not', 'detail': {'total': 6, 'probe': unwanted}}" in body
    assert "{'source': 'shop', 'detail': {'total': 5, 'probe': unwanted}}" in body
    assert "assert not any(unwanted in str(one) for one in found)" in body


def test_a_near_miss_that_another_rule_sends_there_is_not_taken_for_one() -> None:
    other = [rule({"source": ["shop"]}, name="all"), target("h", rule="all")]
    body = probed(target(), rule(PATTERN), READER, *other)[ARRIVES]
    assert "'total': 5" not in body
    assert "'shop-not'" in body


@pytest.mark.parametrize(
    "which",
    [rule(PATTERN, is_enabled=False), rule({"source": ["aws.ec2"]}), rule({"account": ["1"]}), rule()],
    ids=["disabled", "for events of AWS", "for an account", "on a schedule"],
)
def test_a_rule_that_a_test_cannot_set_off_is_read_only(which: Resource) -> None:
    assert list(probed(target(), which, READER)) == ["target_g_is_listed_as_asked"]


def test_a_schedule_is_read_back_with_its_state() -> None:
    tests = probed(rule(schedule_expression="rate(1 day)", is_enabled=False))
    assert list(tests) == ["rule_r_says_what_was_asked_for"]
    (body,) = tests.values()
    assert "wanted = {'State': 'DISABLED', 'ScheduleExpression': 'rate(1 day)'}" in body


def test_a_rule_tells_events_apart_without_sending_any() -> None:
    body = probed(rule(PATTERN))["rule_r_tells_its_events_from_others"]
    assert "assert suits(events, rule[\"EventPattern\"], {'source': 'shop', 'detail': {'total': 6}}" in body
    assert "{'source': 'shop', 'detail': {'total': 5}}" in body


def test_what_a_template_makes_of_an_event_is_worked_out() -> None:
    transformer = {
        "input_paths": {"id": "$.detail.order", "sum": "$.detail.total"},
        "input_template": '{"text": "order", "id": <id>, "sum": <sum>}',
    }
    body = probed(target(input_transformer=[transformer]), rule(PATTERN), READER)[ARRIVES]
    assert "'order': wanted" in body
    assert "assert told == {'text': 'order', 'id': wanted, 'sum': 6}" in body


def test_a_target_with_an_input_of_its_own_gets_that() -> None:
    body = probed(target(input='{"job": 1}'), rule(PATTERN), READER)["event_for_g_arrives_as_its_input"]
    assert "assert {'job': 1} in [json.loads(one[\"Body\"]) for one in found]" in body


def test_an_event_that_names_an_account_is_not_written_down() -> None:
    pattern = {"source": ["shop"], "detail": {"of": ["123456789012"]}}
    assert list(probed(target(), rule(pattern), READER)) == ["target_g_is_listed_as_asked"]


# Buckets.


def test_objects_that_a_filter_leaves_out_are_not_told_of() -> None:
    block = {"id": "new", "queue_arn": f"{SQS}:q", "events": ["s3:ObjectCreated:*"]}
    which = resource(
        "aws_s3_bucket_notification.n",
        bucket="b",
        queue=[block | {"filter_prefix": "in/", "filter_suffix": ".raw"}],
    )
    bucket = resource("aws_s3_bucket.b", id="b", arn="arn:aws:s3:::b")
    reader = queue(policy=letting("s3.amazonaws.com", "arn:aws:s3:::b"))
    body = probed(which, bucket, reader)["queue_new_hears_of_an_object_created_and_of_no_other"]
    assert 'keys = [f"in/{unwanted}.raw.not", f"not-in/{unwanted}.raw", f"in/{wanted}.raw"]' in body
    assert list(probed(which, bucket, queue())) == ["notifications_of_n_are_as_asked"]


# Streams.


def firehose(**more: Any) -> Resource:
    to = {"bucket_arn": "arn:aws:s3:::b", "prefix": "in/"} | more
    return resource("aws_kinesis_firehose_delivery_stream.f", name="f", extended_s3_configuration=[to])


@pytest.mark.parametrize(
    ("buffers", "records"),
    [({}, 6), ({"buffer_size": 1}, 2), ({"buffer_interval": 0}, 1), ({"buffer_size": 64}, None)],
)
def test_a_delivery_stream_is_handed_what_it_will_deliver_in_time(
    buffers: dict[str, int], records: int | None
) -> None:
    bucket = resource("aws_s3_bucket.b", id="b", bucket="b", arn="arn:aws:s3:::b")
    body = probed(firehose(**buffers), bucket).get("delivery_stream_f_delivers_to_its_bucket")
    assert (body is None) is (records is None)
    assert (f"for _ in range({records})" in (body or "")) is (records not in (None, 1))
    assert body is None or r'assert re.match(r"in/\d{4}/\d\d/\d\d/\d\d/", found[0])' in body


# Workflows.

CHOICE = {
    "StartAt": "Big",
    "States": {
        "Big": {
            "Type": "Choice",
            "InputPath": "$.detail",
            "Choices": [{"Variable": "$.total", "NumericGreaterThanEquals": 50, "Next": "Free"}],
            "Default": "Paid",
        },
        "Free": {"Type": "Pass", "Result": "free", "ResultPath": "$.shipping", "Next": "Done"},
        "Paid": {"Type": "Fail", "Error": "Paid"},
        "Done": {"Type": "Pass", "Parameters": {"id.$": "$.order", "shipping.$": "$.shipping"}, "End": True},
    },
}


def test_every_way_through_a_choice_is_found_with_the_input_that_leads_there() -> None:
    free, paid = machines.walks(CHOICE)
    assert (free.input, free.states) == ({"detail": {"total": 50, "order": "@wanted@"}}, ("Big", "Free", "Done"))
    assert (free.status, free.output) == ("SUCCEEDED", {"id": "@wanted@", "shipping": "free"})
    assert (paid.input, paid.states, paid.status) == ({"detail": {"total": 49}}, ("Big", "Paid"), "FAILED")


def test_a_value_may_be_wanted_to_be_there() -> None:
    definition = {
        "StartAt": "Any",
        "States": {
            "Any": {
                "Type": "Choice",
                "Choices": [{"Not": {"Variable": "$.what", "IsPresent": True}, "Next": "No"}],
                "Default": "Yes",
            },
            "No": {"Type": "Fail"},
            "Yes": {"Type": "Succeed"},
        },
    }
    assert {(walk.states[-1], "what" in walk.input) for walk in machines.walks(definition)} == {
        ("No", False),
        ("Yes", True),
    }


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:000000000000:function:f"},
        {"Type": "Wait", "Seconds": 3600},
        {"Type": "Map", "Iterator": {}},
        {"Type": "Pass", "QueryLanguage": "JSONata"},
    ],
)
def test_what_cannot_be_foreseen_is_not_run(state: dict[str, Any]) -> None:
    assert machines.walks({"StartAt": "A", "States": {"A": state | {"End": True}}}) == []


def test_a_workflow_that_sends_a_message_is_followed_to_the_queue() -> None:
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "url/q", "MessageBody": {"id.$": "$.order"}},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Send", "States": {"Send": send}})
    machine = resource("aws_sfn_state_machine.m", arn="arn", definition=definition, type="STANDARD")
    body = probed(machine, queue())["execution_of_m_ends_at_send"]
    assert "execute(stepfunctions, machine, {'order': wanted})" in body
    assert "assert (run[\"status\"], entered) == ('SUCCEEDED', ['Send'])" in body
    assert 'gather(lambda: take(sqs, queue["id"]), wanted, after=0)' in body


# Functions and mail.


def test_a_function_is_asked_for_its_settings_and_called() -> None:
    which = resource(
        "aws_lambda_function.f", function_name="f", memory_size=256, environment=[{"variables": {"LIMIT": "5"}}]
    )
    tests = probed(which)
    assert "wanted = {'MemorySize': 256}" in tests["function_f_has_the_settings_that_were_asked_for"]
    assert "{'LIMIT': '5'}" in tests["function_f_has_the_settings_that_were_asked_for"]
    assert 'invoke(lambda_, it["function_name"])' in tests["function_f_answers"]


@pytest.mark.parametrize(
    ("text", "filled"), [("Dear {{name}}", True), ("Hello", False), ("{{#if x}}{{x}}{{/if}}", False)]
)
def test_a_template_is_filled_in_where_it_has_but_names(text: str, filled: bool) -> None:
    tests = probed(resource("aws_ses_template.t", name="t", subject="Hi", text=text))
    assert ("template_t_is_filled_in" in tests) is filled
    assert not filled or "data = {'name': 'probed0'}" in tests["template_t_is_filled_in"]
