"""Land fish in the lake: a file in its place, and a partition in the catalog."""

import json


class Lake:
    def __init__(self, s3, glue, bucket, database):
        self.s3 = s3
        self.glue = glue
        self.bucket = bucket
        self.database = database
        self.made = []

    def table(self, name):
        return self.glue.get_table(DatabaseName=self.database, Name=name)["Table"]

    def add(self, name, values, rows):
        """Write rows below a table's location and tell the catalog; the location."""
        table = self.table(name)
        storage = dict(table["StorageDescriptor"])
        keys = [key["Name"] for key in table["PartitionKeys"]]
        pairs = zip(keys, values, strict=True)
        path = "/".join(f"{key}={value}" for key, value in pairs)
        storage["Location"] += path + "/"
        self.s3.put_object(
            Bucket=self.bucket,
            Key=storage["Location"].removeprefix(f"s3://{self.bucket}/") + "rows.json",
            Body="\n".join(json.dumps(row) for row in rows),
        )
        self.glue.create_partition(
            DatabaseName=self.database,
            TableName=name,
            PartitionInput={"Values": list(values), "StorageDescriptor": storage},
        )
        self.made.append((name, list(values)))
        return storage["Location"]

    def rows(self, name, values):
        """The rows of one partition, found by way of the catalog."""
        partition = self.glue.get_partition(
            DatabaseName=self.database, TableName=name, PartitionValues=list(values)
        )["Partition"]
        prefix = partition["StorageDescriptor"]["Location"].removeprefix(
            f"s3://{self.bucket}/"
        )
        found = []
        listing = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        for entry in listing.get("Contents", []):
            body = self.s3.get_object(Bucket=self.bucket, Key=entry["Key"])["Body"]
            found += [json.loads(line) for line in body.read().splitlines()]
        return found

    def partitions(self, name):
        pages = self.glue.get_paginator("get_partitions")
        return [
            tuple(partition["Values"])
            for page in pages.paginate(DatabaseName=self.database, TableName=name)
            for partition in page["Partitions"]
        ]

    def tidy(self):
        for name, values in self.made:
            self.glue.delete_partition(
                DatabaseName=self.database, TableName=name, PartitionValues=values
            )
