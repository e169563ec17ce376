"""Probes of what keeps things: what they say of a resource, told without an emulator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_lsqm.generation.base import Resource
from pytest_lsqm.generation.builtin import probed_types, registry, writing
from pytest_lsqm.generation.builtin.world import World
from pytest_lsqm.generation.checks import objections

ACCOUNT = "402583719264"


def resource(type_: str, label: str = "it", asked: dict[str, Any] | None = None, **attributes: Any) -> Resource:
    return Resource(f"{type_}.{label}", type_, label, attributes, attributes if asked is None else asked)


def probed(it: Resource, *others: Resource) -> dict[str, writing.Test]:
    world = World([it, *others], "eu-west-1")
    found = list(registry.PROBES[it.type](it, world))
    files = writing.app_files(found, "An architecture.")
    assert objections(files) == []
    return {test.name: test for test in found}


def bucket(**more: Any) -> Resource:
    return resource("aws_s3_bucket", bucket="rooms", id="rooms", arn="arn:aws:s3:::rooms", **more)


def table(**more: Any) -> Resource:
    arn = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/loans"
    return resource("aws_dynamodb_table", name="it", **{"arn": arn, "hash_key": "reader", **more})


def key(**more: Any) -> Resource:
    arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234"
    return resource("aws_kms_key", "seal", **{"key_id": "1234", "arn": arn, "is_enabled": True, **more})


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def test_a_bucket_keeps_old_versions_where_versioning_is_on_alone() -> None:
    on = probed(bucket(versioning=[{"enabled": True, "mfa_delete": False}]))
    off = probed(bucket(versioning=[{"enabled": False, "mfa_delete": False}]))
    assert set(on) - set(off) == {"bucket_{}_keeps_old_versions"}
    guarded = probed(bucket(versioning=[{"enabled": True, "mfa_delete": True}]))
    assert set(guarded) == set(off)  # versions could not be removed again


def test_versioning_beside_its_bucket_is_probed_as_well() -> None:
    it = resource("aws_s3_bucket_versioning", bucket="rooms", versioning_configuration=[{"status": "Enabled"}])
    (found,) = probed(it, bucket())
    assert found == "bucket_{}_keeps_old_versions"
    it = resource("aws_s3_bucket_versioning", bucket="rooms", versioning_configuration=[{"status": "Suspended"}])
    assert "== 'Suspended'" in probed(it, bucket())["versioning_{}_is_as_asked"].body


@pytest.mark.parametrize(
    "guard",
    [
        {"policy": policy(Effect="Deny", Principal="*", Action="s3:PutObject", Resource="*")},
        {"object_lock_configuration": [{"rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 1}]}]}]},
    ],
)
def test_nothing_is_put_where_it_could_be_refused_or_stay(guard: dict[str, Any]) -> None:
    assert all("put_object" not in test.body for test in probed(bucket(**guard)).values())


def test_a_policy_that_wants_tls_alone_keeps_nobody_from_putting() -> None:
    secure = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    it = bucket(policy=policy(Effect="Deny", Principal="*", Action="s3:*", Resource="*", **secure))
    assert "bucket_{}_keeps_what_is_put" in probed(it)


def test_whatever_is_put_is_removed_with_its_versions_even_when_an_assertion_fails() -> None:
    on = probed(bucket(versioning=[{"enabled": True}]))
    for test in on.values():
        if "put_object" in test.body:
            assert "finally:" in test.body
            assert "remove_object(" in test.body.split("finally:")[1]
    assert "VersionId=it" in writing.HELPERS["remove_object"]


def test_a_bucket_encrypts_with_the_key_that_it_names() -> None:
    default = {"sse_algorithm": "aws:kms", "kms_master_key_id": "1234"}
    it = bucket(
        server_side_encryption_configuration=[{"rule": [{"apply_server_side_encryption_by_default": [default]}]}]
    )
    found = probed(it, key())["bucket_{}_encrypts_with_its_key"]
    assert found.covers == ("aws_s3_bucket.it", "aws_kms_key.seal")
    assert "deployed['aws_kms_key.seal']" in found.body


def test_old_and_new_rules_of_a_life_cycle_say_the_same() -> None:
    old = bucket(
        lifecycle_rule=[{"id": "a", "enabled": True, "prefix": "log/", "tags": {}, "expiration": [{"days": 9}]}]
    )
    new = resource(
        "aws_s3_bucket_lifecycle_configuration",
        bucket="rooms",
        rule=[{"id": "a", "status": "Enabled", "filter": [{"prefix": "log/"}], "expiration": [{"days": 9}]}],
    )
    wanted = {"ID": "a", "Expiration": {"Days": 9}, "Status": "Enabled", "Filter": {"Prefix": "log/"}}
    for it in (old, new):
        assert f"agrees(found, {[wanted]!r})" in probed(it)["bucket_{}_has_the_lifecycle_asked_for"].body.replace(
            "'Filter': {'Prefix': 'log/'}, 'Status': 'Enabled'",
            "'Status': 'Enabled', 'Filter': {'Prefix': 'log/'}",
        )


def test_strangers_are_refused_where_no_origin_is_a_pattern() -> None:
    name = "bucket_{}_lets_in_pages_of_its_origins_alone"
    rule = {"allowed_methods": ["GET"], "allowed_origins": ["https://rooms.example"]}
    assert "stranger" in probed(bucket(cors_rule=[rule]))[name].body
    assert name not in probed(bucket(cors_rule=[rule | {"allowed_origins": ["*"]}]))


@pytest.mark.parametrize("blocked", [True, False])
def test_a_public_bucket_is_read_without_credentials_unless_that_is_blocked(blocked: bool) -> None:
    said = policy(Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::rooms/*")
    it = resource("aws_s3_bucket_policy", bucket="rooms", policy=said)
    block = resource("aws_s3_bucket_public_access_block", bucket="rooms", restrict_public_buckets=blocked)
    assert ("bucket_{}_is_read_by_anybody" in probed(it, bucket(), block)) is not blocked


def test_an_object_is_compared_with_its_content_or_its_checksum() -> None:
    written = resource("aws_s3_bucket_object", bucket="rooms", key="a", content="hello", content_type="text/css")
    body = probed(written)["object_{}_is_as_asked"].body
    assert 'it["content"].encode()' in body
    assert "{'ContentType': 'text/css'}" in body
    md5 = "0123456789abcdef0123456789abcdef"
    given = resource("aws_s3_object", bucket="rooms", key="a", etag=md5)
    assert md5 in probed(given)["object_{}_is_as_asked"].body


@pytest.mark.parametrize(
    ("kind", "value"), [("S", "str(uuid4())"), ("N", "str(time.time_ns())"), ("B", "uuid4().bytes")]
)
def test_keys_of_a_table_are_of_their_types(kind: str, value: str) -> None:
    body = probed(table(attribute=[{"name": "reader", "type": kind}]))["table_{}_keeps_items_by_their_key"].body
    assert f"""{{'reader': {{"{kind}": {value}}}}}""" in body


def test_numbers_are_sorted_as_numbers() -> None:
    it = table(range_key="due", attribute=[{"name": "reader", "type": "S"}, {"name": "due", "type": "N"}])
    assert '[{"N": "9"}, {"N": "10"}]' in probed(it)["table_{}_sorts_by_its_range_key"].body


def test_an_index_gives_what_it_projects() -> None:
    attributes = [{"name": name, "type": "S"} for name in ("reader", "branch", "place")]
    index = {"name": "by-branch", "hash_key": "branch", "range_key": "", "non_key_attributes": ["title", "place"]}
    it = table(attribute=attributes, global_secondary_index=[index | {"projection_type": "INCLUDE"}])
    body = probed(it)["table_{}_is_found_by_branch"].body
    assert "['reader', 'branch', 'place', 'title']" in body
    assert """'place': {"S": str(uuid4())}""" in body  # the key of another index has its type
    it = table(attribute=attributes, global_secondary_index=[index | {"projection_type": "ALL"}])
    assert "found == [item]" in probed(it)["table_{}_is_found_by_branch"].body


@pytest.mark.parametrize(
    ("view", "new", "old"),
    [("NEW_IMAGE", "==", "not in"), ("OLD_IMAGE", "not in", "=="), ("NEW_AND_OLD_IMAGES", "==", "==")],
)
def test_a_stream_shows_the_images_that_were_asked_for(view: str, new: str, old: str) -> None:
    attributes = [{"name": "reader", "type": "S"}]
    body = probed(table(attribute=attributes, stream_enabled=True, stream_view_type=view))[
        "table_{}_tells_its_stream_of_changes"
    ].body
    assert (f'created["NewImage"] {new} item' in body) or (f'"NewImage" {new} created' in body)
    assert (f'deleted["OldImage"] {old} item' in body) or (f'"OldImage" {old} deleted' in body)
    assert "table_{}_tells_its_stream_of_changes" not in probed(table(attribute=attributes, stream_enabled=False))


def test_an_item_is_looked_for_in_the_region_of_its_table() -> None:
    far = Resource(
        "aws_dynamodb_table.far", "aws_dynamodb_table", "far",
        {"name": "loans", "arn": f"arn:aws:dynamodb:eu-north-1:{ACCOUNT}:table/loans"},
    )  # fmt: skip
    near = Resource(
        "aws_dynamodb_table.near", "aws_dynamodb_table", "near",
        {"name": "loans", "arn": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/loans"},
    )  # fmt: skip
    asked: dict[str, Any] = {"table_name": "loans", "hash_key": "reader", "item": '{"reader": {"S": "iris"}}'}
    (there,) = probed(resource("aws_dynamodb_table_item", "far", **asked), far, near).values()
    (here,) = probed(resource("aws_dynamodb_table_item", "near", **asked), far, near).values()
    assert (there.region, here.region) == ("eu-north-1", None)
    assert probed(resource("aws_dynamodb_table_item", "other", **asked), far, near) == {}


@pytest.mark.parametrize(
    ("attributes", "call"),
    [
        ({}, "kms.generate_data_key("),
        ({"key_usage": "SIGN_VERIFY", "customer_master_key_spec": "ECC_NIST_P384"}, "'ECDSA_SHA_384'"),
        ({"key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "RSA_2048"}, "RSAES_OAEP_SHA_256"),
        ({"key_usage": "GENERATE_VERIFY_MAC", "customer_master_key_spec": "HMAC_384"}, "'HMAC_SHA_384'"),
        ({"is_enabled": False}, 'match="Disabled"'),
    ],
)
def test_a_key_does_what_keys_of_its_kind_do(attributes: dict[str, Any], call: str) -> None:
    assert call in "".join(test.body for test in probed(key(**attributes)).values())


def test_an_alias_encrypts_where_its_key_can() -> None:
    it = resource("aws_kms_alias", name="alias/seal", target_key_id="1234")
    assert "alias_{}_encrypts_with_its_key" in probed(it, key())
    assert "alias_{}_stands_for_its_key" in probed(it, key(key_usage="SIGN_VERIFY"))


@pytest.mark.parametrize(
    "it",
    [
        resource(
            "aws_secretsmanager_secret_version", secret_id="a", secret_string="hunter2", version_stages=["A"]
        ),
        resource("aws_secretsmanager_secret_version", secret_id="a", secret_binary="hunter2", version_stages=[]),
        resource("aws_ssm_parameter", name="/a/b", type="SecureString", value="hunter2"),
        resource("aws_ssm_parameter", name="/a/b", type="String", value="hunter2"),
        resource("aws_iam_access_key", id="AKIAIOSFODNN7EXAMPLE", user="iris", secret="hunter2"),
        resource("aws_db_instance", identifier="a", username="iris", password="hunter2", engine="mysql"),
        resource("aws_redshift_cluster", cluster_identifier="a", master_password="hunter2", node_type="dc2.large"),
        resource("aws_acm_certificate", certificate_body="public", private_key="hunter2"),
        resource("aws_kms_ciphertext", plaintext="hunter2", ciphertext_blob="c2VhbA=="),
    ],
    ids=lambda it: it.type,
)
def test_no_secret_and_no_key_stands_in_an_app(it: Resource) -> None:
    files = writing.app_files(list(probed(it).values()), "An architecture.")
    assert "hunter2" not in "".join(files.values())
    assert "AKIAIOSFODNN7EXAMPLE" not in "".join(files.values())


def test_who_may_not_decrypt_does_not_read_a_secure_parameter() -> None:
    secret = probed(resource("aws_ssm_parameter", name="/a/b", type="SecureString", value="x"))
    assert '["Value"] != it["value"]' in secret["parameter_{}_is_read_by_who_may_decrypt_it"].body
    assert "parameter_{}_is_found_by_its_path" in secret
    assert "parameter_{}_is_found_by_its_path" not in probed(
        resource("aws_ssm_parameter", name="b", type="String", value="x")
    )


def test_a_policy_is_compared_with_what_was_asked_in_whatever_account_it_runs() -> None:
    said = policy(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="sts:AssumeRole")
    arn = f"arn:aws:iam::{ACCOUNT}:role/it"
    it = resource("aws_iam_role", arn=arn, assume_role_policy=said)
    body = probed(it)["role_{}_trusts_whom_was_asked"].body
    assert "arn:aws:iam::<account>:root" in body
    assert ACCOUNT not in body
    # What the plan did not know is taken from the deployment.
    it = resource("aws_iam_role", asked={}, arn=arn, assume_role_policy=said)
    assert "['assume_role_policy'])" in probed(it)["role_{}_trusts_whom_was_asked"].body


@pytest.mark.parametrize(
    ("trusted", "more", "may"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {}, True),
        ("*", {}, True),
        ({"Service": "ec2.amazonaws.com"}, {}, False),
        ({"AWS": "arn:aws:iam::998877665544:root"}, {}, False),
        ({"AWS": "*"}, {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, False),
    ],
)
def test_a_role_is_assumed_where_the_account_is_trusted(trusted: Any, more: dict[str, Any], may: bool) -> None:
    said = policy(Principal=trusted, Action="sts:AssumeRole", **more)
    found = probed(resource("aws_iam_role", arn=f"arn:aws:iam::{ACCOUNT}:role/it", assume_role_policy=said))
    assert ("role_{}_can_be_assumed" in found) is may


@pytest.fixture
def meaning() -> Any:
    space: dict[str, Any] = {}
    code = "import json, re\n" + "\n".join(writing.HELPERS[name] for name in ("meaning", "unordered", "agrees"))
    exec(code, space)
    return space


def test_policies_that_say_the_same_are_equal(meaning: Any) -> None:
    one = policy(Sid="", Principal="*", Action=["b", "a"], Resource=["x"])
    other = policy(Principal={"AWS": "*"}, Action=["a", "b"], Resource="x")
    assert meaning["meaning"](one) == meaning["meaning"](other)
    assert meaning["meaning"](one) != meaning["meaning"](policy(Principal="*", Action=["a"], Resource="x"))
    root = policy(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    assert meaning["meaning"](root) == meaning["meaning"](policy(Principal={"AWS": "<account>"}), ACCOUNT)
    assert meaning["meaning"](root) != meaning["meaning"](policy(Principal={"AWS": "<account>"}), "1" * 12)


def test_an_answer_agrees_when_it_says_all_that_is_wanted_and_maybe_more(meaning: Any) -> None:
    agrees = meaning["agrees"]
    assert agrees({"a": [{"x": 1, "y": 2}, {"x": 3}]}, {"a": [{"x": 3}, {"x": 1}]})
    assert not agrees({"a": [{"x": 1}, {"x": 3}]}, {"a": [{"x": 1}]})
    assert not agrees({"a": 1}, {"a": 1, "b": 2})
    assert not agrees(None, {"a": 1})


def test_a_certificate_that_was_imported_is_compared_and_one_that_was_requested_awaits_its_records() -> None:
    (imported,) = probed(resource("aws_acm_certificate", certificate_body="x"))
    assert imported == "certificate_{}_is_the_one_that_was_imported"
    requested = probed(
        resource(
            "aws_acm_certificate", domain_name="a.example", subject_alternative_names=[], validation_method="DNS"
        )
    )
    assert "{'a.example'}" in requested["certificate_{}_is_for_its_names"].body.replace(
        "set(['a.example'])", "{'a.example'}"
    )
    assert "certificate_{}_is_validated_by_records_of_its_names" in requested


def test_parameter_groups_set_what_was_asked() -> None:
    asked: dict[str, Any] = {
        "name": "it",
        "family": "redshift-1.0",
        "parameter": [{"name": "require_ssl", "value": "true"}],
    }
    found = probed(resource("aws_redshift_parameter_group", **asked))
    assert "{'require_ssl': 'true'}" in found["parameter_group_{}_sets_what_was_asked"].body


def test_a_catalogue_keeps_partitions_where_its_keys_are_text() -> None:
    keys = [{"name": "day", "type": "string", "comment": ""}]
    name = "catalog_table_{}_keeps_partitions"
    it = resource("aws_glue_catalog_table", database_name="d", partition_keys=keys)
    assert name in probed(it)
    it = resource("aws_glue_catalog_table", database_name="d", partition_keys=[keys[0] | {"type": "int"}])
    assert name not in probed(it)


STORAGE = (
    "aws_s3_", "aws_dynamodb_", "aws_kms_", "aws_secretsmanager_", "aws_ssm_", "aws_iam_", "aws_acm_",
    "aws_db_", "aws_rds_", "aws_redshift_", "aws_elasticache_", "aws_efs_", "aws_ecr_", "aws_glue_", "aws_athena_",
)  # fmt: skip
ELSEWHERE = ("aws_s3_bucket_notification",)


@pytest.mark.parametrize("type_", [t for t in probed_types() if t.startswith(STORAGE) and t not in ELSEWHERE])
def test_every_probe_writes_an_app_that_may_be_stored_of_a_resource_that_says_little(type_: str) -> None:
    arn = f"arn:aws:any:eu-west-1:{ACCOUNT}:it"
    named: dict[str, Any] = {
        "name": "it",
        "id": "it",
        "arn": arn,
        "bucket": "it",
        "table_name": "it",
        "hash_key": "id",
    }
    it = resource(type_, **named, item='{"id": {"S": "1"}}', acl="public-read", policy=policy(Action="*"))
    assert isinstance(probed(it), dict)
