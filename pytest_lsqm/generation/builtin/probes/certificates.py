"""Certificates: for the names asked for, validated the way asked for, and those that were brought along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.probes.making import made, tags
from pytest_lsqm.generation.builtin.registry import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@probe("aws_acm_certificate")
def certificate(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a certificate is for its names; that an imported one is what was brought along."""
    if it.attributes.get("certificate_body"):
        yield made(
            "certificate_{}_is_the_one_that_was_imported",
            f"""
            it = {world.ref(it)}
            found = acm.describe_certificate(CertificateArn=it["arn"])["Certificate"]
            assert (found["Type"], found["Status"]) == ("IMPORTED", "ISSUED")
            got = acm.get_certificate(CertificateArn=it["arn"])
            assert got["Certificate"].split() == it["certificate_body"].split()
            """,
            it,
            world,
        )
    else:
        yield from _requested(it, world)
    if labels := tags(it, world):
        yield made(
            "certificate_{}_has_its_tags",
            f"""
            found = acm.list_tags_for_certificate(CertificateArn={world.ref(it)}["arn"])["Tags"]
            assert {{tag["Key"]: tag["Value"] for tag in found}} == {labels!r}
            """,
            it,
            world,
        )


def _requested(it: Resource, world: World) -> Iterator[Test]:
    domain = world.asked(it, "domain_name") or it.attributes.get("domain_name")
    others = world.asked(it, "subject_alternative_names") or it.attributes.get("subject_alternative_names") or []
    names = sorted({domain, *others})
    method = world.asked(it, "validation_method")
    yield made(
        "certificate_{}_is_for_its_names",
        f"""
        found = acm.describe_certificate(CertificateArn={world.ref(it)}["arn"])["Certificate"]
        assert found["DomainName"] == {domain!r}
        assert {{found["DomainName"], *found["SubjectAlternativeNames"]}} == set({names!r})
        assert found["Status"] in ("PENDING_VALIDATION", "ISSUED")
        """,
        it,
        world,
    )
    if method == "DNS":
        yield made(
            "certificate_{}_is_validated_by_records_of_its_names",
            f"""
            it = {world.ref(it)}
            found = acm.describe_certificate(CertificateArn=it["arn"])["Certificate"]
            options = found["DomainValidationOptions"]
            assert {{option["DomainName"] for option in options}} == set({names!r})
            for option in options:
                assert option["ValidationMethod"] == "DNS"
                record = option["ResourceRecord"]
                assert record["Type"] == "CNAME"
                assert option["DomainName"].removeprefix("*.") in record["Name"]
            """,
            it,
            world,
        )


@probe("aws_acm_certificate_validation")
def validation(it: Resource, world: World) -> Iterator[Test]:
    """Yield that the certificate was issued."""
    yield made(
        "certificate_{}_is_issued",
        f"""
        arn = {world.ref(it)}["certificate_arn"]
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        assert found["Status"] == "ISSUED"
        """,
        it,
        world,
        home=world.by_arn(it.attributes.get("certificate_arn")),
    )
