"""Keys: what they encrypt or sign can be decrypted or verified, by their aliases too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.making import made, same_policy, settings, subset, tags
from pytest_lsqm.generation.builtin.registry import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

SIGNING = {
    "RSA_2048": "RSASSA_PSS_SHA_256",
    "RSA_3072": "RSASSA_PSS_SHA_256",
    "RSA_4096": "RSASSA_PSS_SHA_256",
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
}
"""What each kind of key signs with."""


def spec_of(it: Resource) -> str:
    """What kind of key it is; the attribute has changed its name with provider 4."""
    names = ("customer_master_key_spec", "key_spec")
    return str(next((it.attributes[name] for name in names if it.attributes.get(name)), "SYMMETRIC_DEFAULT"))


def usable(it: Resource) -> bool:
    """Whether a key encrypts and decrypts without more being said."""
    encrypts = it.attributes.get("key_usage") in (None, "", "ENCRYPT_DECRYPT")
    return spec_of(it) == "SYMMETRIC_DEFAULT" and encrypts and it.attributes.get("is_enabled") is not False


@probe("aws_kms_key", "aws_kms_replica_key")
def key(it: Resource, world: World) -> Iterator[Test]:
    """Yield what a key must do: encrypt, sign or refuse; and its settings."""
    usage, spec = it.attributes.get("key_usage") or "ENCRYPT_DECRYPT", spec_of(it)
    if it.attributes.get("is_enabled") is False or it.attributes.get("enabled") is False:
        yield _disabled(it, world)
    elif usage == "SIGN_VERIFY" and spec in SIGNING:
        yield _signs(it, world, SIGNING[spec])
    elif usage == "GENERATE_VERIFY_MAC":
        yield _authenticates(it, world, spec)
    elif usage == "ENCRYPT_DECRYPT" and spec.startswith("RSA_"):
        yield _encrypts_for_others(it, world)
    elif usable(it):
        yield _encrypts(it, world)
    yield from _settings(it, world)


def _encrypts(it: Resource, world: World) -> Test:
    return made(
        "key_{}_decrypts_what_it_encrypts",
        f"""
        key = {world.ref(it)}
        text, context = str(uuid4()).encode(), {{"purpose": "lsqm"}}
        sealed = kms.encrypt(KeyId=key["key_id"], Plaintext=text, EncryptionContext=context)["CiphertextBlob"]
        assert text not in sealed
        opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)
        assert (opened["Plaintext"], opened["KeyId"]) == (text, key["arn"])
        with pytest.raises(ClientError, match="InvalidCiphertext"):
            kms.decrypt(CiphertextBlob=sealed, EncryptionContext={{"purpose": "another"}})
        data_key = kms.generate_data_key(KeyId=key["key_id"], KeySpec="AES_256")
        assert len(data_key["Plaintext"]) == 32
        opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
        assert opened["Plaintext"] == data_key["Plaintext"]
        """,
        it,
        world,
    )


def _encrypts_for_others(it: Resource, world: World) -> Test:
    return made(
        "key_{}_decrypts_what_it_encrypts",
        f"""
        key = {world.ref(it)}
        text = str(uuid4()).encode()
        how = {{"KeyId": key["key_id"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}}
        sealed = kms.encrypt(Plaintext=text, **how)["CiphertextBlob"]
        assert text not in sealed
        assert kms.decrypt(CiphertextBlob=sealed, **how)["Plaintext"] == text
        assert kms.get_public_key(KeyId=key["key_id"])["KeyUsage"] == "ENCRYPT_DECRYPT"
        """,
        it,
        world,
    )


def _signs(it: Resource, world: World, algorithm: str) -> Test:
    return made(
        "key_{}_verifies_what_it_signs",
        f"""
        key = {world.ref(it)}
        text = str(uuid4()).encode()
        how = {{"KeyId": key["key_id"], "MessageType": "RAW", "SigningAlgorithm": {algorithm!r}}}
        signature = kms.sign(Message=text, **how)["Signature"]
        assert kms.verify(Message=text, Signature=signature, **how)["SignatureValid"]
        with pytest.raises(ClientError, match="KMSInvalidSignature"):
            kms.verify(Message=b"another", Signature=signature, **how)
        assert {algorithm!r} in kms.get_public_key(KeyId=key["key_id"])["SigningAlgorithms"]
        """,
        it,
        world,
    )


def _authenticates(it: Resource, world: World, spec: str) -> Test:
    return made(
        "key_{}_verifies_its_codes",
        f"""
        key = {world.ref(it)}
        text = str(uuid4()).encode()
        how = {{"KeyId": key["key_id"], "MacAlgorithm": {spec.replace("HMAC_", "HMAC_SHA_")!r}}}
        code = kms.generate_mac(Message=text, **how)["Mac"]
        assert kms.verify_mac(Message=text, Mac=code, **how)["MacValid"]
        with pytest.raises(ClientError, match="KMSInvalidMac"):
            kms.verify_mac(Message=b"another", Mac=code, **how)
        """,
        it,
        world,
    )


def _disabled(it: Resource, world: World) -> Test:
    return made(
        "key_{}_is_disabled",
        f"""
        key = {world.ref(it)}
        assert kms.describe_key(KeyId=key["key_id"])["KeyMetadata"]["KeyState"] == "Disabled"
        with pytest.raises(ClientError, match="Disabled"):
            kms.generate_data_key(KeyId=key["key_id"], KeySpec="AES_256")
        """,
        it,
        world,
    )


METADATA = {
    "description": "Description",
    "key_usage": "KeyUsage",
    "customer_master_key_spec": "KeySpec",
    "is_enabled": "Enabled",
    "multi_region": "MultiRegion",
}


def _settings(it: Resource, world: World) -> Iterator[Test]:
    wanted: dict[str, Any] = settings(it, world, METADATA)
    yield made(
        "key_{}_is_described_as_asked",
        f"""
        found = kms.describe_key(KeyId={world.ref(it)}["key_id"])["KeyMetadata"]
        {subset("found", wanted | {"KeyManager": "CUSTOMER"})}
        """,
        it,
        world,
    )
    if world.asked(it, "enable_key_rotation"):
        yield made(
            "key_{}_is_rotated",
            f"""
            assert kms.get_key_rotation_status(KeyId={world.ref(it)}["key_id"])["KeyRotationEnabled"]
            """,
            it,
            world,
        )
    if it.asked.get("policy"):
        yield made(
            "key_{}_has_the_policy_asked_for",
            f"""
            found = kms.get_key_policy(KeyId={world.ref(it)}["key_id"], PolicyName="default")
            {same_policy('found["Policy"]', it, world)}
            """,
            it,
            world,
        )
    if labels := tags(it, world):
        yield made(
            "key_{}_has_its_tags",
            f"""
            found = kms.list_resource_tags(KeyId={world.ref(it)}["key_id"])["Tags"]
            assert {{tag["TagKey"]: tag["TagValue"] for tag in found}} == {labels!r}
            """,
            it,
            world,
        )


@probe("aws_kms_alias")
def alias(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the alias stands for its key, wherever a key may be named."""
    target = next(iter(world.where("aws_kms_key", key_id=it.attributes.get("target_key_id"))), None)
    if target is None or not usable(target):
        yield made(
            "alias_{}_stands_for_its_key",
            f"""
            alias = {world.ref(it)}
            found = kms.describe_key(KeyId=alias["name"])["KeyMetadata"]
            assert alias["target_key_id"] in (found["KeyId"], found["Arn"])
            """,
            it,
            world,
        )
        return
    yield made(
        "alias_{}_encrypts_with_its_key",
        f"""
        alias, key = {world.ref(it)}, {world.ref(target)}
        text = str(uuid4()).encode()
        for name in (alias["name"], alias["arn"]):
            sealed = kms.encrypt(KeyId=name, Plaintext=text)
            assert sealed["KeyId"] == key["arn"]
            opened = kms.decrypt(KeyId=key["key_id"], CiphertextBlob=sealed["CiphertextBlob"])
            assert opened["Plaintext"] == text
        """,
        it,
        world,
        target,
    )


@probe("aws_kms_grant")
def grant(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the grantee may do what was asked, and no more."""
    operations = sorted(world.asked(it, "operations") or it.attributes.get("operations") or [])
    yield made(
        "grant_{}_allows_what_was_asked",
        f"""
        grant = {world.ref(it)}
        listed = kms.list_grants(KeyId=grant["key_id"])["Grants"]
        (found,) = [it for it in listed if it["GrantId"] == grant["grant_id"]]
        assert sorted(found["Operations"]) == {operations!r}
        assert found["GranteePrincipal"] == grant["grantee_principal"]
        """,
        it,
        world,
    )


@probe("aws_kms_ciphertext")
def ciphertext(it: Resource, world: World) -> Iterator[Test]:
    """Yield that what Terraform had encrypted can be decrypted, in its context."""
    yield made(
        "ciphertext_{}_can_be_decrypted",
        f"""
        it = {world.ref(it)}
        opened = kms.decrypt(
            CiphertextBlob=base64.b64decode(it["ciphertext_blob"]),
            EncryptionContext=it.get("context") or {{}},
        )
        assert opened["Plaintext"].decode() == it["plaintext"]
        """,
        it,
        world,
    )
