"""Buckets and objects: what is put comes out, the versions and the encryption that were asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes import s3_settings
from pytest_lsqm.generation.builtin.probes.making import made, same_policy, settings, subset, tags
from pytest_lsqm.generation.builtin.probes.s3_access import bucket_of, writable
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def remove_object(s3, bucket, key):
    """Delete an object for good, with all of its versions."""
    s3.delete_object(Bucket=bucket, Key=key)
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
    for it in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=it["VersionId"])
''')


@probe("aws_s3_bucket")
def bucket(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a bucket must do: keep objects, their versions and their encryption, and its settings."""
    if writable(it, world):
        yield made(
            "bucket_{}_keeps_what_is_put",
            f"""
            bucket = {world.ref(it)}["id"]
            key, text = f"lsqm/{{uuid4()}}.txt", str(uuid4()).encode()
            headers = {{"ContentType": "text/x-lsqm", "Metadata": {{"origin": "lsqm"}}}}
            try:
                put = s3.put_object(Bucket=bucket, Key=key, Body=text, **headers)
                got = s3.get_object(Bucket=bucket, Key=key)
                assert got["Body"].read() == text
                assert {{name: got[name] for name in headers}} == headers
                assert got["ETag"] == put["ETag"]
                part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-5")
                assert part["Body"].read() == text[2:6]
                listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
                assert [(entry["Key"], entry["Size"]) for entry in listed] == [(key, len(text))]
            finally:
                remove_object(s3, bucket, key)
            with pytest.raises(ClientError, match="NoSuchKey"):
                s3.get_object(Bucket=bucket, Key=key)
            """,
            it,
            world,
        )
        wanted = _default_encryption(it, world, "server_side_encryption_configuration", 0)
        yield from _encrypted(it, world, wanted, it)
        if world.asked(it, "versioning", 0, "enabled") and not world.asked(it, "versioning", 0, "mfa_delete"):
            yield _versions(it, world, it)
    if it.asked.get("policy"):
        yield made(
            "bucket_{}_has_the_policy_asked_for",
            f"""
            found = s3.get_bucket_policy(Bucket={world.ref(it)}["id"])["Policy"]
            {same_policy("found", it, world)}
            """,
            it,
            world,
        )
    if labels := tags(it, world):
        yield made(
            "bucket_{}_has_its_tags",
            f"""
            found = s3.get_bucket_tagging(Bucket={world.ref(it)}["id"])["TagSet"]
            assert {{tag["Key"]: tag["Value"] for tag in found}} == {labels!r}
            """,
            it,
            world,
        )
    yield from s3_settings.inline(it, world)


@probe("aws_s3_bucket_versioning")
def versioning(it: Resource, world: World) -> Iterator[Test]:
    """Yield that old versions are kept, or that the bucket says that it no longer keeps them."""
    home = bucket_of(it, world)
    status = world.asked(it, "versioning_configuration", 0, "status")
    protected = world.asked(it, "versioning_configuration", 0, "mfa_delete") == "Enabled"
    if status == "Enabled" and not protected and home is not None and writable(home, world):
        yield _versions(it, world, home)
    elif status in ("Enabled", "Suspended"):
        yield made(
            "versioning_{}_is_as_asked",
            f"""
            found = s3.get_bucket_versioning(Bucket={world.ref(it)}["bucket"])
            assert found.get("Status") == {status!r}
            """,
            it,
            world,
            home=home,
        )


def _versions(it: Resource, world: World, home: Resource) -> Test:
    return made(
        "bucket_{}_keeps_old_versions",
        f"""
        bucket = {world.ref(it)}["bucket"]
        assert s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
        key = f"lsqm/{{uuid4()}}.txt"
        try:
            first = s3.put_object(Bucket=bucket, Key=key, Body=b"first")["VersionId"]
            second = s3.put_object(Bucket=bucket, Key=key, Body=b"second")["VersionId"]
            assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"second"
            s3.delete_object(Bucket=bucket, Key=key)
            with pytest.raises(ClientError, match="NoSuchKey"):
                s3.get_object(Bucket=bucket, Key=key)
            for version, text in [(first, b"first"), (second, b"second")]:
                got = s3.get_object(Bucket=bucket, Key=key, VersionId=version)
                assert got["Body"].read() == text
            listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
            assert [entry["VersionId"] for entry in listed["Versions"]] == [second, first]
            assert len(listed["DeleteMarkers"]) == 1
        finally:
            remove_object(s3, bucket, key)
        """,
        it,
        world,
        home=home,
    )


@probe("aws_s3_bucket_server_side_encryption_configuration")
def encryption(it: Resource, world: World) -> Iterator[Test]:
    """Yield that objects are encrypted as the bucket says when nobody asks for it."""
    home = bucket_of(it, world)
    wanted = _default_encryption(it, world)
    if home is not None and writable(home, world):
        yield from _encrypted(it, world, wanted, home)
    elif wanted:
        yield made(
            "encryption_{}_is_as_asked",
            f"""
            found = s3.get_bucket_encryption(Bucket={world.ref(it)}["bucket"])
            (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
            assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == {wanted!r}
            """,
            it,
            world,
            home=home,
        )


def _default_encryption(it: Resource, world: World, *path: str | int) -> str | None:
    found = world.asked(it, *path, "rule", 0, "apply_server_side_encryption_by_default", 0, "sse_algorithm")
    return found if found in ("AES256", "aws:kms") else None


def _encrypted(it: Resource, world: World, algorithm: str | None, home: Resource) -> Iterator[Test]:
    if algorithm is None:
        return
    key = _key(it, world) if algorithm == "aws:kms" else None
    if key is not None and key.attributes.get("is_enabled") is False:
        return
    name = "bucket_{}_encrypts_with_its_key" if key else "bucket_{}_encrypts_by_default"
    same = f'assert put["SSEKMSKeyId"].endswith({world.ref(key)}["key_id"])' if key else ""
    yield made(
        name,
        f"""
        bucket = {world.ref(it)}["bucket"]
        found = s3.get_bucket_encryption(Bucket=bucket)
        (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == {algorithm!r}
        name = f"lsqm/{{uuid4()}}.txt"
        try:
            put = s3.put_object(Bucket=bucket, Key=name, Body=b"secret")
            assert put["ServerSideEncryption"] == {algorithm!r}
            {same}
            assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"secret"
        finally:
            remove_object(s3, bucket, name)
        """,
        it,
        world,
        *([key] if key else []),
        home=home,
    )


def _key(it: Resource, world: World) -> Resource | None:
    """The KMS key that a bucket's encryption names, by its ARN or its id."""
    text = json.dumps([it.attributes.get("server_side_encryption_configuration"), it.attributes.get("rule")])
    found = [key for key in world.of("aws_kms_key") if str(key.attributes.get("key_id")) in text]
    return found[0] if found else None


HEADERS = {
    "content_type": "ContentType",
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "website_redirect": "WebsiteRedirectLocation",
    "metadata": "Metadata",
}


@probe("aws_s3_bucket_object", "aws_s3_object", "aws_s3_object_copy")
def s3_object(it: Resource, world: World) -> Iterator[Test]:
    """Yield that an object has the content and the headers that were asked for."""
    wanted: dict[str, Any] = settings(it, world, HEADERS)
    md5 = str(world.asked(it, "etag") or "")
    if it.attributes.get("content"):
        content = 'assert got["Body"].read() == it["content"].encode()'
    elif it.attributes.get("content_base64"):
        content = 'assert got["Body"].read() == base64.b64decode(it["content_base64"])'
    elif len(md5) == 32 and sayable(md5) and not it.attributes.get("kms_key_id"):
        content = f'assert hashlib.md5(got["Body"].read()).hexdigest() == {md5!r}'
    else:
        content = 'assert got["ETag"].strip(\'"\') == it["etag"]'
    yield made(
        "object_{}_is_as_asked",
        f"""
        it = {world.ref(it)}
        got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
        {content}
        {subset("got", wanted) if wanted else ""}
        """,
        it,
        world,
        home=bucket_of(it, world),
    )
    if wanted := tags(it, world):
        yield made(
            "object_{}_has_its_tags",
            f"""
            it = {world.ref(it)}
            found = s3.get_object_tagging(Bucket=it["bucket"], Key=it["key"])["TagSet"]
            assert {{tag["Key"]: tag["Value"] for tag in found}} == {wanted!r}
            """,
            it,
            world,
            home=bucket_of(it, world),
        )
