"""Lend books, return them, and see what changed."""

import time

from boto3.dynamodb.conditions import Attr, Key


class Library:
    def __init__(self, dynamodb, table):
        self.loans = dynamodb.Table(table)

    def lend(self, reader, book, title, branch, due):
        """Lend a book; fails if this reader has it already."""
        self.loans.put_item(
            Item={
                "reader": reader,
                "book": book,
                "title": title,
                "branch": branch,
                "due": due,
                "forget_at": due + 90 * 86400,
            },
            ConditionExpression=Attr("book").not_exists(),
        )

    def prolong(self, reader, book, days):
        reply = self.loans.update_item(
            Key={"reader": reader, "book": book},
            UpdateExpression="SET #due = #due + :seconds",
            ConditionExpression=Attr("book").exists(),
            ExpressionAttributeNames={"#due": "due"},
            ExpressionAttributeValues={":seconds": days * 86400},
            ReturnValues="UPDATED_NEW",
        )
        return int(reply["Attributes"]["due"])

    def give_back(self, reader, book):
        self.loans.delete_item(Key={"reader": reader, "book": book})

    def of_reader(self, reader):
        """A reader's loans, the most urgent first."""
        return self.loans.query(
            IndexName="by-due-date", KeyConditionExpression=Key("reader").eq(reader)
        )["Items"]

    def overdue(self, branch, now):
        return self.loans.query(
            IndexName="by-branch",
            KeyConditionExpression=Key("branch").eq(branch) & Key("due").lt(now),
        )["Items"]


def changes(streams, stream_arn, book, wanted, seconds=20):
    """The stream's records about a book, in order, once there are as many as wanted."""
    shards = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]
    iterators = {
        shard["ShardId"]: streams.get_shard_iterator(
            StreamArn=stream_arn,
            ShardId=shard["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        for shard in shards["Shards"]
    }
    found = []
    deadline = time.monotonic() + seconds
    while len(found) < wanted and time.monotonic() < deadline:
        for shard, iterator in list(iterators.items()):
            if iterator is None:
                continue
            reply = streams.get_records(ShardIterator=iterator)
            iterators[shard] = reply.get("NextShardIterator")
            found += [
                record
                for record in reply["Records"]
                if record["dynamodb"]["Keys"]["book"]["S"] == book
            ]
        time.sleep(0.2)
    return found
