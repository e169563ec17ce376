from uuid import uuid4

import pytest
from app import changes
from botocore.exceptions import ClientError


def test_a_reader_sees_the_most_urgent_loan_first(library):
    reader = str(uuid4())
    library.lend(reader, "b1", "Middlemarch", "central", due=2_000_000_300)
    library.lend(reader, "b2", "Emma", "central", due=2_000_000_100)
    library.lend(reader, "b3", "Kim", "riverside", due=2_000_000_200)
    loans = library.of_reader(reader)
    assert [loan["title"] for loan in loans] == ["Emma", "Kim", "Middlemarch"]
    assert "branch" not in loans[0]


def test_a_book_cannot_be_lent_twice_to_one_reader(library):
    reader = str(uuid4())
    library.lend(reader, "b1", "Emma", "central", due=2_000_000_000)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        library.lend(reader, "b1", "Emma", "central", due=2_000_000_000)


def test_only_overdue_loans_of_the_branch_are_listed(library):
    late, fine, branch = str(uuid4()), str(uuid4()), str(uuid4())
    library.lend(late, "b1", "Emma", branch, due=1_000)
    library.lend(fine, "b2", "Kim", branch, due=3_000)
    library.lend(late, "b3", "Ulysses", str(uuid4()), due=1_000)
    overdue = library.overdue(branch, now=2_000)
    assert [(loan["reader"], loan["book"]) for loan in overdue] == [(late, "b1")]


def test_prolonging_moves_the_due_date(library):
    reader = str(uuid4())
    library.lend(reader, "b1", "Emma", "central", due=2_000_000_000)
    assert library.prolong(reader, "b1", days=7) == 2_000_604_800
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        library.prolong(reader, "never-lent", days=7)


def test_the_stream_tells_the_whole_life_of_a_loan(library, dynamodbstreams, outputs):
    reader, book = str(uuid4()), str(uuid4())
    library.lend(reader, book, "Emma", "central", due=2_000_000_000)
    library.prolong(reader, book, days=1)
    library.give_back(reader, book)
    records = changes(dynamodbstreams, outputs["stream_arn"], book, wanted=3)
    names = [record["eventName"] for record in records]
    assert names == ["INSERT", "MODIFY", "REMOVE"]
    modified = records[1]["dynamodb"]
    assert modified["OldImage"]["due"] == {"N": "2000000000"}
    assert modified["NewImage"]["due"] == {"N": "2000086400"}
    assert "NewImage" not in records[2]["dynamodb"]


def test_old_loans_are_forgotten_by_time_to_live(dynamodb, outputs):
    ttl = dynamodb.describe_time_to_live(TableName=outputs["loans_table"])
    assert ttl["TimeToLiveDescription"] == {
        "AttributeName": "forget_at",
        "TimeToLiveStatus": "ENABLED",
    }


def test_the_branches_are_there_from_the_start(dynamodb, outputs):
    reply = dynamodb.scan(TableName=outputs["branches_table"])
    shelves = {item["branch"]["S"]: item["shelves"]["N"] for item in reply["Items"]}
    assert shelves == {"central": "420", "riverside": "130"}
