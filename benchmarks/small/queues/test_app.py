import json
import os

import boto3

with open(os.environ["LSQM_OUTPUTS"]) as file:
    OUTPUTS = json.load(file)


def test_a_message_to_the_queue_is_received() -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=OUTPUTS["queue_url"], MessageBody="direct")
    answer = sqs.receive_message(QueueUrl=OUTPUTS["queue_url"], WaitTimeSeconds=5)
    (message,) = answer["Messages"]
    assert message["Body"] == "direct"
    sqs.delete_message(QueueUrl=OUTPUTS["queue_url"], ReceiptHandle=message["ReceiptHandle"])


def test_a_message_to_the_topic_reaches_the_queue() -> None:
    boto3.client("sns").publish(TopicArn=OUTPUTS["topic_arn"], Message="by topic")
    answer = boto3.client("sqs").receive_message(QueueUrl=OUTPUTS["queue_url"], WaitTimeSeconds=5)
    assert [message["Body"] for message in answer["Messages"]] == ["by topic"]
