from uuid import uuid4

import pytest
from app import fail, file_receipt, instruct, receive, shard_for
from botocore.exceptions import ClientError


def test_instructions_of_one_account_keep_their_order(sqs, outputs):
    url, account = outputs["instructions_url"], str(uuid4())
    texts = [f"{account} step {n}" for n in range(4)]
    for text in texts:
        instruct(sqs, url, account, text)
    seen = []
    while len(seen) < 4:
        batch = receive(sqs, url, lambda body: body.startswith(account))
        assert batch, f"only {seen} arrived"
        seen += [message["Body"] for message in batch]
    assert seen == texts


def test_the_same_instruction_is_executed_once(sqs, outputs):
    url, account = outputs["instructions_url"], str(uuid4())
    text = f"{account} pay 10 EUR"
    first = instruct(sqs, url, account, text)
    second = instruct(sqs, url, account, text)
    assert first["MessageId"] == second["MessageId"]
    assert len(receive(sqs, url, lambda body: body == text)) == 1
    assert receive(sqs, url, lambda body: body == text, seconds=2) == []


def test_an_instruction_without_an_account_is_refused(sqs, outputs):
    with pytest.raises(ClientError) as refusal:
        sqs.send_message(QueueUrl=outputs["instructions_url"], MessageBody="pay")
    assert refusal.value.response["Error"]["Code"] == "MissingParameter"


def test_an_instruction_that_fails_twice_ends_in_the_dead_letter_queue(sqs, outputs):
    url, account = outputs["instructions_url"], str(uuid4())
    instruct(sqs, url, account, account)
    fail(sqs, url, lambda body: body == account, times=2)
    assert receive(sqs, url, lambda body: body == account, seconds=2) == []
    dead = receive(sqs, outputs["instructions_dead_url"], lambda b: b == account)
    assert [message["Body"] for message in dead] == [account]


def test_a_receipt_goes_to_its_own_shard_and_no_other(sqs, outputs):
    receipt, urls = str(uuid4()), outputs["receipt_urls"]
    url = file_receipt(sqs, urls, receipt, 1250)
    assert url == shard_for(receipt, urls)
    for other in urls:
        found = receive(sqs, other, lambda b: receipt in b, 10 if other == url else 1)
        assert len(found) == (1 if other == url else 0)


def test_a_receipt_survives_two_failures(sqs, outputs):
    receipt, urls = str(uuid4()), outputs["receipt_urls"]
    url = file_receipt(sqs, urls, receipt, 5)
    fail(sqs, url, lambda body: receipt in body, times=2)
    [message] = receive(sqs, url, lambda body: receipt in body)
    assert message["Attributes"]["ApproximateReceiveCount"] == "3"
