"""A puppet festival's buckets: a website per city written from templates, numbered
shards for recordings, an upload bucket with CORS, and policies that follow from
what each is for."""

import hashlib
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, fetch, meaning, preflight, remove_object


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket.city["ghent"]',
        'aws_s3_bucket.city["lisbon"]',
        'aws_s3_bucket.city["turin"]',
        "aws_s3_bucket.recordings[0]",
        "aws_s3_bucket.recordings[1]",
        "aws_s3_bucket.recordings[2]",
        "aws_s3_bucket.recordings[3]",
    ],
)
def test_every_bucket_keeps_what_is_put(s3, deployed, address):
    bucket = deployed[address]["id"]
    key, text = f"lsqm/{uuid4()}.txt", str(uuid4()).encode()
    headers = {"ContentType": "text/x-lsqm", "Metadata": {"origin": "lsqm"}}
    try:
        put = s3.put_object(Bucket=bucket, Key=key, Body=text, **headers)
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == text
        assert {name: got[name] for name in headers} == headers
        assert got["ETag"] == put["ETag"]
        part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-5")
        assert part["Body"].read() == text[2:6]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
        assert [(entry["Key"], entry["Size"]) for entry in listed] == [(key, len(text))]
    finally:
        remove_object(s3, bucket, key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket.city["ghent"]',
        'aws_s3_bucket.city["lisbon"]',
        'aws_s3_bucket.city["turin"]',
        "aws_s3_bucket.recordings[0]",
        "aws_s3_bucket.recordings[1]",
        "aws_s3_bucket.recordings[2]",
        "aws_s3_bucket.recordings[3]",
    ],
)
def test_every_bucket_encrypts_by_default(s3, deployed, address):
    bucket = deployed[address]["bucket"]
    found = s3.get_bucket_encryption(Bucket=bucket)
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    name = f"lsqm/{uuid4()}.txt"
    try:
        put = s3.put_object(Bucket=bucket, Key=name, Body=b"secret")
        assert put["ServerSideEncryption"] == "AES256"

        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"secret"
    finally:
        remove_object(s3, bucket, name)


def test_bucket_city_ghent_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed['aws_s3_bucket.city["ghent"]']["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "City": "Ghent",
        "Festival": "strings-and-shadows",
    }


@pytest.mark.parametrize(
    "address", ['aws_s3_bucket.city["ghent"]', 'aws_s3_bucket.city["lisbon"]']
)
def test_every_bucket_has_the_website_asked_for(s3, deployed, address):
    found = s3.get_bucket_website(Bucket=deployed[address]["bucket"])
    assert agrees(
        found,
        {
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": {"Key": "sorry.html"},
        },
    )


def test_bucket_city_lisbon_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(
        Bucket=deployed['aws_s3_bucket.city["lisbon"]']["id"]
    )["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "City": "Lisbon",
        "Festival": "strings-and-shadows",
    }


def test_bucket_city_lisbon_has_the_cors_asked_for(s3, deployed):
    found = s3.get_bucket_cors(
        Bucket=deployed['aws_s3_bucket.city["lisbon"]']["bucket"]
    )["CORSRules"]
    assert agrees(
        found,
        [
            {
                "AllowedMethods": ["GET", "HEAD"],
                "AllowedOrigins": ["https://what-is-on.example"],
                "MaxAgeSeconds": 3600,
            }
        ],
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket.city["lisbon"]',
        'aws_s3_bucket.city["turin"]',
        "aws_s3_bucket.uploads",
    ],
)
def test_every_bucket_lets_in_pages_of_its_origins_alone(s3, deployed, address):
    it = deployed[address]
    for rule in it["cors_rule"]:
        origin, method = rule["allowed_origins"][0], rule["allowed_methods"][0]
        assert preflight(s3, it["bucket"], origin, method) == (200, origin)
        assert preflight(s3, it["bucket"], "https://stranger.example", method) == (
            403,
            None,
        )


def test_bucket_city_turin_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed['aws_s3_bucket.city["turin"]']["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "City": "Turin",
        "Festival": "strings-and-shadows",
    }


def test_bucket_city_turin_has_the_cors_asked_for(s3, deployed):
    found = s3.get_bucket_cors(
        Bucket=deployed['aws_s3_bucket.city["turin"]']["bucket"]
    )["CORSRules"]
    assert agrees(
        found,
        [
            {
                "AllowedMethods": ["GET", "HEAD"],
                "AllowedOrigins": ["https://culture.example"],
                "MaxAgeSeconds": 3600,
            },
            {
                "AllowedMethods": ["GET", "HEAD"],
                "AllowedOrigins": ["https://what-is-on.example"],
                "MaxAgeSeconds": 3600,
            },
        ],
    )


def test_bucket_city_turin_has_the_website_asked_for(s3, deployed):
    found = s3.get_bucket_website(
        Bucket=deployed['aws_s3_bucket.city["turin"]']["bucket"]
    )
    assert agrees(
        found,
        {
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": {"Key": "index.html"},
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        "aws_s3_bucket.recordings[0]",
        "aws_s3_bucket.recordings[1]",
        "aws_s3_bucket.recordings[2]",
        "aws_s3_bucket.recordings[3]",
    ],
)
def test_every_bucket_keeps_old_versions(s3, deployed, address):
    bucket = deployed[address]["bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    key = f"lsqm/{uuid4()}.txt"
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


def test_bucket_recordings_0_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.recordings[0]"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Festival": "strings-and-shadows",
        "Shard": "0",
    }


@pytest.mark.parametrize(
    "address",
    [
        "aws_s3_bucket.recordings[0]",
        "aws_s3_bucket.recordings[1]",
        "aws_s3_bucket.recordings[2]",
        "aws_s3_bucket.recordings[3]",
    ],
)
def test_every_bucket_has_the_lifecycle_asked_for(s3, deployed, address):
    found = s3.get_bucket_lifecycle_configuration(Bucket=deployed[address]["bucket"])[
        "Rules"
    ]
    assert agrees(
        found,
        [
            {
                "ID": "grow-cold",
                "Transitions": [
                    {"Days": 120, "StorageClass": "GLACIER"},
                    {"Days": 30, "StorageClass": "STANDARD_IA"},
                ],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 14},
                "Status": "Enabled",
                "Filter": {"Prefix": "takes/"},
            },
            {
                "ID": "forget-broken-uploads",
                "Status": "Enabled",
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
            },
        ],
    )


def test_bucket_recordings_1_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.recordings[1]"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Festival": "strings-and-shadows",
        "Shard": "1",
    }


def test_bucket_recordings_2_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.recordings[2]"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Festival": "strings-and-shadows",
        "Shard": "2",
    }


def test_bucket_recordings_3_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.recordings[3]"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Festival": "strings-and-shadows",
        "Shard": "3",
    }


def test_bucket_uploads_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.uploads"]["id"])[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Festival": "strings-and-shadows"
    }


def test_bucket_uploads_has_the_lifecycle_asked_for(s3, deployed):
    found = s3.get_bucket_lifecycle_configuration(
        Bucket=deployed["aws_s3_bucket.uploads"]["bucket"]
    )["Rules"]
    assert agrees(
        found,
        [
            {
                "ID": "inbox",
                "Expiration": {"Days": 7},
                "Status": "Enabled",
                "Filter": {"Prefix": "inbox/"},
            }
        ],
    )


def test_bucket_uploads_has_the_cors_asked_for(s3, deployed):
    found = s3.get_bucket_cors(Bucket=deployed["aws_s3_bucket.uploads"]["bucket"])[
        "CORSRules"
    ]
    assert agrees(
        found,
        [
            {
                "AllowedHeaders": ["Content-Type", "x-amz-*"],
                "AllowedMethods": ["PUT", "POST"],
                "AllowedOrigins": [
                    "https://ghent.strings-and-shadows.example",
                    "https://lisbon.strings-and-shadows.example",
                    "https://turin.strings-and-shadows.example",
                ],
                "ExposeHeaders": ["ETag"],
                "MaxAgeSeconds": 600,
            }
        ],
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket_object.file["ghent/posters/strings.svg"]',
        'aws_s3_bucket_object.file["lisbon/posters/strings.svg"]',
        'aws_s3_bucket_object.file["turin/posters/strings.svg"]',
    ],
)
def test_every_object_is_as_asked(s3, deployed, address):
    it = deployed[address]
    got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
    assert (
        hashlib.md5(got["Body"].read()).hexdigest()
        == "f04f45a5c5b815f7c52b170540c81460"
    )
    assert agrees(
        got, {"ContentType": "image/svg+xml", "CacheControl": "public, max-age=86400"}
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket_object.file["ghent/programme/hours.csv"]',
        'aws_s3_bucket_object.file["lisbon/programme/hours.csv"]',
        'aws_s3_bucket_object.file["turin/programme/hours.csv"]',
    ],
)
def test_every_object_is_as_asked_2(s3, deployed, address):
    it = deployed[address]
    got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
    assert got["ETag"].strip('"') == it["etag"]
    assert agrees(
        got,
        {
            "ContentType": "text/csv; charset=utf-8",
            "CacheControl": "public, max-age=86400",
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket_object.file["ghent/style.css"]',
        'aws_s3_bucket_object.file["lisbon/style.css"]',
        'aws_s3_bucket_object.file["turin/style.css"]',
    ],
)
def test_every_object_is_as_asked_3(s3, deployed, address):
    it = deployed[address]
    got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
    assert (
        hashlib.md5(got["Body"].read()).hexdigest()
        == "29b201936cc454fdd9738edb619893c5"
    )
    assert agrees(
        got,
        {
            "ContentType": "text/css; charset=utf-8",
            "CacheControl": "public, max-age=86400",
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket_object.index["ghent"]',
        'aws_s3_bucket_object.index["lisbon"]',
        'aws_s3_bucket_object.index["turin"]',
        'aws_s3_bucket_object.sorry["ghent"]',
        'aws_s3_bucket_object.sorry["lisbon"]',
    ],
)
def test_every_object_is_as_asked_4(s3, deployed, address):
    it = deployed[address]
    got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
    assert got["Body"].read() == it["content"].encode()
    assert agrees(got, {"ContentType": "text/html; charset=utf-8"})


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket_policy.city["ghent"]',
        'aws_s3_bucket_policy.city["lisbon"]',
        'aws_s3_bucket_policy.city["turin"]',
        "aws_s3_bucket_policy.uploads",
    ],
)
def test_every_bucket_policy_says_what_was_asked(s3, deployed, address):
    found = s3.get_bucket_policy(Bucket=deployed[address]["bucket"])["Policy"]
    assert meaning(found) == meaning(deployed[address]["policy"])


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket_policy.city["ghent"]',
        'aws_s3_bucket_policy.city["lisbon"]',
        'aws_s3_bucket_policy.city["turin"]',
    ],
)
def test_every_bucket_is_read_by_anybody(s3, deployed, address):
    bucket = deployed[address]["bucket"]
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"]
    key, text = f"lsqm/{uuid4()}.txt", str(uuid4()).encode()
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=text)
        assert fetch(s3, bucket, key) == (200, text)
    finally:
        remove_object(s3, bucket, key)


@pytest.mark.parametrize(
    "address",
    [
        'aws_s3_bucket_public_access_block.city["ghent"]',
        'aws_s3_bucket_public_access_block.city["lisbon"]',
        'aws_s3_bucket_public_access_block.city["turin"]',
    ],
)
def test_every_bucket_has_the_public_access_block_asked_for(s3, deployed, address):
    found = s3.get_public_access_block(Bucket=deployed[address]["bucket"])[
        "PublicAccessBlockConfiguration"
    ]
    assert agrees(
        found,
        {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": False,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": False,
        },
    )


@pytest.mark.parametrize(
    "address",
    [
        "aws_s3_bucket_public_access_block.recordings[0]",
        "aws_s3_bucket_public_access_block.recordings[1]",
        "aws_s3_bucket_public_access_block.recordings[2]",
        "aws_s3_bucket_public_access_block.recordings[3]",
    ],
)
def test_every_bucket_has_the_public_access_block_asked_for_2(s3, deployed, address):
    found = s3.get_public_access_block(Bucket=deployed[address]["bucket"])[
        "PublicAccessBlockConfiguration"
    ]
    assert agrees(
        found,
        {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
