from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError


def test_an_amended_deed_can_still_be_read_as_it_was(vault):
    key = f"deeds/{uuid4()}.txt"
    first = vault.file(key, "The mill goes to Ada.")
    second = vault.file(key, "The mill goes to Bea.")
    assert vault.read(key) == "The mill goes to Bea."
    assert vault.read(key, first) == "The mill goes to Ada."
    assert vault.versions(key) == [second, first]


def test_a_withdrawn_deed_is_hidden_and_can_be_brought_back(vault):
    key = f"deeds/{uuid4()}.txt"
    vault.file(key, "The orchard is shared.")
    marker = vault.withdraw(key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        vault.read(key)
    vault.destroy(key, marker)
    assert vault.read(key) == "The orchard is shared."


@pytest.mark.parametrize("role", ["vault", "copy"])
def test_each_bucket_encrypts_with_its_own_key(role, request, kms, outputs):
    bucket = request.getfixturevalue(role)
    key = f"deeds/{uuid4()}.txt"
    bucket.file(key, "Nobody may read this.")
    head = bucket.head(key)
    assert head["ServerSideEncryption"] == "aws:kms"
    alias = kms.describe_key(KeyId=outputs["key_aliases"][role])["KeyMetadata"]
    assert head["SSEKMSKeyId"] == alias["Arn"] == outputs["key_arns"][role]


def test_the_copy_is_locked_until_its_retention_ends(copy, outputs):
    key = f"deeds/{uuid4()}.txt"
    version = copy.file(key, "Sealed.")
    head = copy.head(key)
    assert head["ObjectLockMode"] == "GOVERNANCE"
    left = head["ObjectLockRetainUntilDate"] - datetime.now(UTC)
    days = outputs["lock_days"]
    assert timedelta(days=days - 1) < left <= timedelta(days=days + 1)
    with pytest.raises(ClientError, match="AccessDenied"):
        copy.destroy(key, version)
    assert copy.read(key, version) == "Sealed."
    copy.destroy(key, version, bypass=True)
    assert copy.versions(key) == []


def test_a_draft_expires_and_a_deed_does_not(vault, outputs):
    name = uuid4()
    vault.file(f"drafts/{name}.txt", "Perhaps the mill.")
    vault.file(f"deeds/{name}.txt", "The mill.")
    expiration = vault.head(f"drafts/{name}.txt")["Expiration"]
    assert 'rule-id="drafts"' in expiration
    ends = datetime.strptime(
        expiration.split('"')[1], "%a, %d %b %Y %H:%M:%S %Z"
    ).replace(tzinfo=UTC)
    left = ends - datetime.now(UTC)
    days = outputs["draft_days"]
    assert timedelta(days=days - 1) < left <= timedelta(days=days + 1)
    assert "Expiration" not in vault.head(f"deeds/{name}.txt")


def test_deeds_and_seals_are_replicated_to_the_copy_by_priority(s3, outputs):
    reply = s3.get_bucket_replication(Bucket=outputs["vault_bucket"])
    rules = reply["ReplicationConfiguration"]["Rules"]
    assert reply["ReplicationConfiguration"]["Role"] == outputs["replication_role_arn"]
    by_priority = sorted(rules, key=lambda rule: rule["Priority"])
    assert [rule["Filter"]["Prefix"] for rule in by_priority] == ["deeds/", "seals/"]
    for rule in rules:
        assert rule["Status"] == "Enabled"
        destination = rule["Destination"]
        assert destination["Bucket"].endswith(f":{outputs['copy_bucket']}")
        encryption = destination["EncryptionConfiguration"]
        assert encryption["ReplicaKmsKeyID"] == outputs["key_arns"]["copy"]
    assert by_priority[1]["Destination"]["StorageClass"] == "STANDARD_IA"
