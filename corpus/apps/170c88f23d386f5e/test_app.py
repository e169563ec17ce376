"""One FIFO queue with the policy that lets a single role of the account send to it."""

from uuid import uuid4

from app import meaning, receive, send, verdicts


def test_queue_turns_has_the_settings_that_were_asked_for(sqs, deployed):
    queue = deployed["aws_sqs_queue.turns"]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "345600",
        "MaximumMessageSize": "1024",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


def test_queue_turns_gives_back_what_is_sent(sqs, deployed):
    queue = deployed["aws_sqs_queue.turns"]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


def test_policy_of_queue_turns_rules_as_asked(sqs, deployed):
    it = deployed["aws_sqs_queue.turns"]
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [["Allow", [], ["sqs:SendMessage"]]]
    assert meaning(policy) == meaning(deployed["aws_sqs_queue_policy.turns"]["policy"])
