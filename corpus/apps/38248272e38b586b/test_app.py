"""A newspaper at the edge: a CloudFront distribution with a bucket's website and an
origin of its own for the weather, guarded by a WAF with rate and address rules."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import agrees, meaning, part, remove_object


def test_distribution_paper_has_its_origins(cloudfront, deployed):
    distribution = deployed["aws_cloudfront_distribution.paper"]
    answer = cloudfront.get_distribution(Id=distribution["id"])["Distribution"]
    assert answer["DomainName"] == distribution["domain_name"]
    found = answer["DistributionConfig"]
    wanted = {
        "Comment": "morning-paper",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "PriceClass": "PriceClass_100",
    }
    assert part(found, wanted) == wanted
    origins = {o["Id"]: o["DomainName"] for o in found["Origins"]["Items"]}
    wanted = {o["origin_id"]: o["domain_name"] for o in distribution["origin"]}
    assert origins == wanted
    behaviour = found["DefaultCacheBehavior"]
    asked = distribution["default_cache_behavior"][0]
    assert behaviour["TargetOriginId"] == asked["target_origin_id"]
    assert behaviour["ViewerProtocolPolicy"] == asked["viewer_protocol_policy"]


def test_bucket_pages_keeps_what_is_put(s3, deployed):
    bucket = deployed["aws_s3_bucket.pages"]["id"]
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


def test_bucket_pages_encrypts_by_default(s3, deployed):
    bucket = deployed["aws_s3_bucket.pages"]["bucket"]
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


def test_bucket_pages_has_the_website_asked_for(s3, deployed):
    found = s3.get_bucket_website(Bucket=deployed["aws_s3_bucket.pages"]["bucket"])
    assert agrees(
        found,
        {
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": {"Key": "lost.html"},
        },
    )


def test_object_page_index_html_is_as_asked(s3, deployed):
    it = deployed['aws_s3_bucket_object.page["index.html"]']
    got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
    assert got["Body"].read() == it["content"].encode()
    assert agrees(
        got, {"ContentType": "text/html; charset=utf-8", "CacheControl": "max-age=60"}
    )


def test_object_page_lost_html_is_as_asked(s3, deployed):
    it = deployed['aws_s3_bucket_object.page["lost.html"]']
    got = s3.get_object(Bucket=it["bucket"], Key=it["key"].lstrip("/"))
    assert got["Body"].read() == it["content"].encode()
    assert agrees(
        got,
        {"ContentType": "text/html; charset=utf-8", "CacheControl": "max-age=86400"},
    )


def test_bucket_policy_pages_says_what_was_asked(s3, deployed):
    found = s3.get_bucket_policy(
        Bucket=deployed["aws_s3_bucket_policy.pages"]["bucket"]
    )["Policy"]
    assert meaning(found) == meaning(deployed["aws_s3_bucket_policy.pages"]["policy"])


def test_ip_set_scrapers_goes_by_what_was_asked(wafv2, deployed):
    it = deployed["aws_wafv2_ip_set.scrapers"]
    answer = wafv2.get_ip_set(Name=it["name"], Scope=it["scope"], Id=it["id"])
    found = answer["IPSet"]
    wanted = {"IPAddressVersion": "IPV4"}
    assert part(found, wanted) == wanted
    assert sorted(found["Addresses"]) == sorted(it["addresses"])


def test_web_acl_edge_goes_by_what_was_asked(wafv2, deployed):
    it = deployed["aws_wafv2_web_acl.edge"]
    answer = wafv2.get_web_acl(Name=it["name"], Scope=it["scope"], Id=it["id"])
    found = answer["WebACL"]
    assert found
    rules = sorted((rule["Priority"], rule["Name"]) for rule in found.get("Rules", []))
    assert rules == [(1, "scrapers"), (2, "rate")]
    assert list(found["DefaultAction"]) == ["Allow"]
