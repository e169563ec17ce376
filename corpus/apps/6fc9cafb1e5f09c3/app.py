"""File deeds in the vault, amend them, withdraw them and bring them back."""


class Vault:
    def __init__(self, s3, bucket):
        self.s3 = s3
        self.bucket = bucket

    def file(self, key, text):
        """Store a deed, or a newer version of it; returns the version's id."""
        reply = self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return reply["VersionId"]

    def read(self, key, version=None):
        wanted = {"VersionId": version} if version else {}
        reply = self.s3.get_object(Bucket=self.bucket, Key=key, **wanted)
        return reply["Body"].read().decode()

    def withdraw(self, key):
        """Hide a deed behind a delete marker; returns the marker's id."""
        reply = self.s3.delete_object(Bucket=self.bucket, Key=key)
        if not reply.get("DeleteMarker"):
            raise RuntimeError(f"{key} was deleted for good")
        return reply["VersionId"]

    def destroy(self, key, version, bypass=False):
        """Delete one version for good, over a lock if asked to."""
        extra = {"BypassGovernanceRetention": True} if bypass else {}
        self.s3.delete_object(Bucket=self.bucket, Key=key, VersionId=version, **extra)

    def versions(self, key):
        """The ids of a deed's versions, the newest first."""
        reply = self.s3.list_object_versions(Bucket=self.bucket, Prefix=key)
        return [version["VersionId"] for version in reply.get("Versions", [])]

    def head(self, key):
        return self.s3.head_object(Bucket=self.bucket, Key=key)
