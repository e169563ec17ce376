"""Upload notes and look them up in the index."""

import time


class Notes:
    def __init__(self, s3, bucket, table):
        self.s3 = s3
        self.bucket = bucket
        self.table = table

    def upload(self, key, text):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def remove(self, key):
        self.s3.delete_object(Bucket=self.bucket, Key=key)

    def entry(self, key, seconds=20):
        """What the index says about a note, as soon as it says anything."""
        deadline = time.monotonic() + seconds
        while True:
            reply = self.table.get_item(Key={"key": key}, ConsistentRead=True)
            if "Item" in reply or time.monotonic() > deadline:
                return reply.get("Item")
            time.sleep(0.3)

    def forgotten(self, key, seconds=20):
        """Whether the note vanishes from the index in time."""
        deadline = time.monotonic() + seconds
        while self.entry(key, seconds=0) is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.3)
        return True
