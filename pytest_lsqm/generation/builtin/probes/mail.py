"""Mail: identities, configuration sets and templates, and the sending that they are for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.probes.sinks import storable, subscribed_sinks
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test, helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

SINK = "success@simulator.amazonses.com"
"""An address of SES's own, to which mail may be sent from anywhere."""

helper('''
def verified(ses, identity):
    """Whether mail may be sent from an identity, which has to be known."""
    reply = ses.get_identity_verification_attributes(Identities=[identity])
    return reply["VerificationAttributes"][identity]["VerificationStatus"] == "Success"
''')

helper('''
def write(ses, sender, **more):
    """Send a letter to an address of SES's own."""
    return ses.send_email(
        Source=sender,
        Destination={"ToAddresses": ["success@simulator.amazonses.com"]},
        Message={
            "Subject": {"Data": "Probe"},
            "Body": {"Text": {"Data": "A letter that nobody reads."}},
        },
        **more,
    )
''')


@probe("aws_ses_email_identity")
def email_identity(it: Resource, world: World) -> Iterator[Test]:
    """Yield that mail can be sent from an address as soon as it is verified, and not before."""
    yield _sending(it, world, 'it["email"]', 'it["email"]', "address")


@probe("aws_ses_domain_identity")
def domain_identity(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a domain has its token, and that mail can be sent from it as soon as it is verified."""
    yield Test(
        "domain_{}_is_listed_with_a_token_to_verify_it_by",
        f"""
        it = {world.ref(it)}
        pages = ses.get_paginator("list_identities").paginate(IdentityType="Domain")
        assert it["domain"] in [each for page in pages for each in page["Identities"]]
        reply = ses.get_identity_verification_attributes(Identities=[it["domain"]])
        assert reply["VerificationAttributes"][it["domain"]]["VerificationToken"]
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
    yield _sending(it, world, 'it["domain"]', """f'probe@{it["domain"]}'""", "domain")


def _sending(it: Resource, world: World, identity: str, sender: str, what: str) -> Test:
    return Test(
        f"mail_from_{what}_{{}}_is_sent_once_it_is_verified",
        f"""
        it = {world.ref(it)}
        if verified(ses, {identity}):
            assert write(ses, {sender})["MessageId"]
        else:
            with pytest.raises(ClientError, match="MessageRejected"):
                write(ses, {sender})
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


@probe("aws_ses_configuration_set")
def configuration_set(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a configuration set is known by its name."""
    yield Test(
        "configuration_set_{}_is_known_by_its_name",
        f"""
        it = {world.ref(it)}
        reply = ses.describe_configuration_set(ConfigurationSetName=it["name"])
        assert reply["ConfigurationSet"]["Name"] == it["name"]
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


@probe("aws_ses_receipt_rule_set")
def receipt_rule_set(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a set of rules for incoming mail is known by its name."""
    rules = [
        each.attributes["name"]
        for each in world.where("aws_ses_receipt_rule", rule_set_name=it.attributes.get("id"))
    ]
    yield Test(
        "receipt_rule_set_{}_has_its_rules",
        f"""
        it = {world.ref(it)}
        reply = ses.describe_receipt_rule_set(RuleSetName=it["rule_set_name"])
        assert reply["Metadata"]["Name"] == it["rule_set_name"]
        assert {{each["Name"] for each in reply["Rules"]}} >= {set(rules) or "set()"}
        """,
        (it.address,),
        world.label(it),
    )


@probe("aws_ses_event_destination")
def event_destination(it: Resource, world: World) -> Iterable[Test]:
    """Return that a configuration set tells its events where it was asked to."""
    wanted = sorted(world.asked(it, "matching_types") or it.attributes.get("matching_types") or [])
    sns = it.attributes.get("sns_destination") or []
    topic = 'assert found["SNSDestination"]["TopicARN"] == it["sns_destination"][0]["topic_arn"]' if sns else ""
    listed = Test(
        "event_destination_{}_is_listed_as_asked",
        f"""
        it = {world.ref(it)}
        reply = ses.describe_configuration_set(
            ConfigurationSetName=it["configuration_set_name"],
            ConfigurationSetAttributeNames=["eventDestinations"],
        )
        (found,) = [each for each in reply["EventDestinations"] if each["Name"] == it["name"]]
        assert found.get("Enabled", False) is {bool(it.attributes.get("enabled"))!r}
        assert sorted(found["MatchingEventTypes"]) == {wanted!r}
        {topic}
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
    return storable(
        [listed, *(_heard(it, world) if sns and it.attributes.get("enabled") and "send" in wanted else [])]
    )


def _heard(it: Resource, world: World) -> Iterator[Test]:
    topic = world.by_arn(it.attributes["sns_destination"][0].get("topic_arn"))
    sender = next(world.of("aws_ses_email_identity"), None)
    if topic is None or sender is None:
        return
    for sink in subscribed_sinks(topic, world, world.region_of(it)):
        lines = [
            f"it = {world.ref(it)}",
            f"sender = {world.ref(sender)}",
            *sink.lines,
            'through = {"ConfigurationSetName": it["configuration_set_name"]}',
            'if verified(ses, sender["email"]):',
            '    sent = write(ses, sender["email"], **through)["MessageId"]',
            f"    found = gather(lambda: sendings({sink.read}), sent, after=0)",
            "    assert any(sent in one for one in found)",
            "else:",
            '    with pytest.raises(ClientError, match="MessageRejected"):',
            '        write(ses, sender["email"], **through)',
        ]
        covers = (it.address, sender.address, sink.resource.address)
        yield Test("event_destination_{}_tells_of_mail", "\n".join(lines), covers, world.label(it))


helper(r'''
def sendings(messages):
    """The messages that tell of mail having been sent, not of what came of it."""
    bodies = [message["Body"] for message in messages]
    return [body for body in bodies if re.search(r"eventType\W+Send\b", body)]
''')


@probe("aws_ses_template")
def template(it: Resource, world: World) -> Iterable[Test]:
    """Return that a template has its texts, and that a name in it is filled in."""
    texts = {"SubjectPart": "subject", "TextPart": "text", "HtmlPart": "html"}
    wanted = {api: text for api, name in texts.items() if (text := world.asked(it, name))}
    stored = Test(
        "template_{}_has_its_texts",
        f"""
        it = {world.ref(it)}
        found = ses.get_template(TemplateName=it["name"])["Template"]
        wanted = {wanted!r}
        assert {{name: found.get(name) for name in wanted}} == wanted
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
    return storable([stored, *_rendered(it, world, "".join(wanted.values()))])


def _rendered(it: Resource, world: World, text: str) -> Iterator[Test]:
    names = sorted(set(re.findall(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}", text)))
    if not names or re.search(r"\{\{\s*[^\w\s]", text):
        return  # nothing to fill in, or more than names
    data = {name: f"probed{place}" for place, name in enumerate(names)}
    yield Test(
        "template_{}_is_filled_in",
        f"""
        it = {world.ref(it)}
        data = {data!r}
        reply = ses.test_render_template(TemplateName=it["name"], TemplateData=json.dumps(data))
        letter = re.sub("=\\r?\\n", "", reply["RenderedTemplate"])
        assert [value for value in data.values() if value not in letter] == []
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
