"""What is set on buckets, inside the bucket's own block (provider 3) or beside it (since 4)."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import camel, made, tidy
from pytest_lsqm.generation.builtin.probes.s3_access import bucket_of, granted, setting
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper
from pytest_lsqm.generation.checks import sayable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

Block = dict[str, Any]

helper('''
def preflight(s3, bucket, origin, method):
    """Ask as a browser would whether a page of this origin may use a method on an object."""
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "any"})
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    request = AWSRequest("OPTIONS", url.split("?")[0], headers=headers).prepare()
    reply = URLLib3Session().send(request)
    return reply.status_code, reply.headers.get("Access-Control-Allow-Origin")
''')


def inline(it: Resource, world: World) -> Iterator[Test]:
    """Yield the tests of what the bucket's own block asks for."""
    yield from _lifecycle(it, world, [_old_rule(rule) for rule in _blocks(it, world, "lifecycle_rule")])
    yield from _cors(it, world, _blocks(it, world, "cors_rule"))
    for block in _blocks(it, world, "website"):
        yield from _website(it, world, _old_website(block))
    for block in _blocks(it, world, "logging"):
        yield from _logging(it, world, block)
    for block in _blocks(it, world, "replication_configuration"):
        yield from _replication(it, world, block.get("rules", []))
    if world.asked(it, "object_lock_configuration", 0, "object_lock_enabled"):
        yield from _object_lock(it, world, world.asked(it, "object_lock_configuration", 0, "rule") or [])
    if (status := world.asked(it, "acceleration_status")) == "Enabled":
        yield setting("acceleration", "get_bucket_accelerate_configuration", {"Status": status}, it, world)
    if (payer := world.asked(it, "request_payer")) == "Requester":
        yield setting("request_payer", "get_bucket_request_payment", {"Payer": payer}, it, world)
    yield from granted(it, world)


def _blocks(it: Resource, world: World, name: str) -> list[Block]:
    found = tidy(world.asked(it, name) or [])
    return found if isinstance(found, list) and all(isinstance(block, dict) for block in found) else []


@probe("aws_s3_bucket_lifecycle_configuration")
def lifecycle(it: Resource, world: World) -> Iterator[Test]:
    """Yield that each rule is as asked."""
    return _lifecycle(it, world, [_new_rule(rule) for rule in _blocks(it, world, "rule")])


def _lifecycle(it: Resource, world: World, rules: list[Block]) -> Iterator[Test]:
    if rules and sayable(rules):
        yield setting("lifecycle", "get_bucket_lifecycle_configuration", rules, it, world, path='["Rules"]')


def _tags(found: Mapping[str, str]) -> list[Block]:
    return [{"Key": key, "Value": value} for key, value in sorted(found.items())]


DAYS = {
    "days": "Days",
    "storage_class": "StorageClass",
    "expired_object_delete_marker": "ExpiredObjectDeleteMarker",
}
OLD = {
    "days": "NoncurrentDays",
    "noncurrent_days": "NoncurrentDays",
    "newer_noncurrent_versions": "NewerNoncurrentVersions",
    "storage_class": "StorageClass",
}


def _times(rule: Block) -> Block:
    """What both generations of rules call alike."""
    (gone,) = rule.get("expiration") or [{}]
    (old,) = rule.get("noncurrent_version_expiration") or [{}]
    return {
        "ID": rule.get("id"),
        "Expiration": camel(gone, DAYS),
        "Transitions": [camel(block, DAYS) for block in rule.get("transition", [])],
        "NoncurrentVersionExpiration": camel(old, OLD),
        "NoncurrentVersionTransitions": [
            camel(block, OLD) for block in rule.get("noncurrent_version_transition", [])
        ],
    }


def _old_rule(rule: Block) -> Block:
    wanted = _times(rule)
    wanted["Status"] = "Enabled" if rule.get("enabled") else "Disabled"
    if labels := rule.get("tags"):
        wanted["Filter"] = {"And": {"Prefix": rule.get("prefix"), "Tags": _tags(labels)}}
    elif prefix := rule.get("prefix"):
        wanted["Filter"] = {"Prefix": prefix}
    if days := rule.get("abort_incomplete_multipart_upload_days"):
        wanted["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    found: Block = tidy(wanted)
    return found


def _new_rule(rule: Block) -> Block:
    wanted = _times(rule)
    wanted["Status"] = rule.get("status")
    (chosen,) = rule.get("filter") or [{}]
    (both,) = chosen.get("and") or [{}]
    wanted["Filter"] = {
        "Prefix": chosen.get("prefix"),
        "Tag": camel(next(iter(chosen.get("tag", [])), {}), {"key": "Key", "value": "Value"}),
        "And": {"Prefix": both.get("prefix"), "Tags": _tags(both.get("tags", {}))},
    }
    for block in rule.get("abort_incomplete_multipart_upload", []):
        wanted["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": block.get("days_after_initiation")}
    found: Block = tidy(wanted)
    return found


CORS = {
    "allowed_headers": "AllowedHeaders",
    "allowed_methods": "AllowedMethods",
    "allowed_origins": "AllowedOrigins",
    "expose_headers": "ExposeHeaders",
    "max_age_seconds": "MaxAgeSeconds",
}


@probe("aws_s3_bucket_cors_configuration")
def cors(it: Resource, world: World) -> Iterator[Test]:
    """Yield that pages of the allowed origins may use the bucket, and others may not."""
    return _cors(it, world, _blocks(it, world, "cors_rule"))


def _cors(it: Resource, world: World, rules: list[Block]) -> Iterator[Test]:
    wanted = [camel(rule, CORS) for rule in rules]
    if not wanted:
        return
    if sayable(wanted):
        yield setting("cors", "get_bucket_cors", wanted, it, world, path='["CORSRules"]')
    origins = [origin for rule in rules for origin in rule.get("allowed_origins", [])]
    if any("*" in origin for origin in origins):
        return
    yield made(
        "bucket_{}_lets_in_pages_of_its_origins_alone",
        f"""
        it = {world.ref(it)}
        for rule in it["cors_rule"]:
            origin, method = rule["allowed_origins"][0], rule["allowed_methods"][0]
            assert preflight(s3, it["bucket"], origin, method) == (200, origin)
            assert preflight(s3, it["bucket"], "https://stranger.example", method) == (403, None)
        """,
        it,
        world,
        home=bucket_of(it, world),
    )


def _old_website(block: Block) -> Block:
    wanted: Block = {
        "IndexDocument": {"Suffix": block.get("index_document")},
        "ErrorDocument": {"Key": block.get("error_document")},
    }
    if target := block.get("redirect_all_requests_to"):
        scheme, _, host = target.rpartition("://")
        wanted["RedirectAllRequestsTo"] = {"HostName": host, "Protocol": scheme}
    with contextlib.suppress(TypeError, ValueError):
        wanted["RoutingRules"] = json.loads(block.get("routing_rules", "[]"))
    found: Block = tidy(wanted)
    return found


@probe("aws_s3_bucket_website_configuration")
def website(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the site's documents and redirections are as asked."""
    (index,) = _blocks(it, world, "index_document") or [{}]
    (error,) = _blocks(it, world, "error_document") or [{}]
    (target,) = _blocks(it, world, "redirect_all_requests_to") or [{}]
    return _website(
        it,
        world,
        tidy(
            {
                "IndexDocument": camel(index, {"suffix": "Suffix"}),
                "ErrorDocument": camel(error, {"key": "Key"}),
                "RedirectAllRequestsTo": camel(target, {"host_name": "HostName", "protocol": "Protocol"}),
            }
        ),
    )


def _website(it: Resource, world: World, wanted: Block) -> Iterator[Test]:
    if wanted and sayable(wanted):
        yield setting("website", "get_bucket_website", wanted, it, world)


@probe("aws_s3_bucket_logging")
def logging(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the log goes where was asked."""
    return _logging(it, world, {name: world.asked(it, name) for name in ("target_bucket", "target_prefix")})


def _logging(it: Resource, world: World, block: Block) -> Iterator[Test]:
    names = {"target_bucket": "TargetBucket", "target_prefix": "TargetPrefix"}
    wanted = camel(block, names)
    if wanted and sayable(wanted):
        yield setting("logging", "get_bucket_logging", wanted, it, world, path='.get("LoggingEnabled")')


@probe("aws_s3_bucket_replication_configuration")
def replication(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the rules are as asked."""
    return _replication(it, world, _blocks(it, world, "rule"))


def _replication(it: Resource, world: World, rules: list[Block]) -> Iterator[Test]:
    names = {"id": "ID", "status": "Status", "priority": "Priority"}
    wanted = [camel(rule, names) | {"Destination": _destination(rule)} for rule in rules]
    if wanted and sayable(wanted):
        path = '["ReplicationConfiguration"]["Rules"]'
        yield setting("replication", "get_bucket_replication", tidy(wanted), it, world, path=path)


def _destination(rule: Block) -> Block:
    found: Block = next(iter(rule.get("destination", [])), {})
    return camel(found, {"bucket": "Bucket", "storage_class": "StorageClass"})


@probe("aws_s3_bucket_object_lock_configuration")
def object_lock(it: Resource, world: World) -> Iterator[Test]:
    """Yield that what is put would be kept for as long as asked."""
    return _object_lock(it, world, world.asked(it, "rule") or [])


def _object_lock(it: Resource, world: World, rules: Any) -> Iterator[Test]:
    wanted: Block = {"ObjectLockEnabled": "Enabled"}
    for rule in tidy(rules):
        for kept in rule.get("default_retention", []):
            wanted["Rule"] = {"DefaultRetention": camel(kept, {"mode": "Mode", "days": "Days", "years": "Years"})}
    path = '["ObjectLockConfiguration"]'
    yield setting("object_lock", "get_object_lock_configuration", wanted, it, world, path=path)
