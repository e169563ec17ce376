from uuid import uuid4

import pytest
from app import booked
from botocore.exceptions import ClientError


def test_a_letter_from_a_template_is_sent_and_counted(newsletter):
    before = newsletter.sent()
    assert newsletter.send("welcome", f"{uuid4()}@reader.example", "Ada")
    assert newsletter.sent() == before + 1


def test_every_answer_of_the_editor_has_an_id_of_its_own(newsletter):
    reader = f"{uuid4()}@reader.example"
    first = newsletter.answer(reader, "Thank you.")
    second = newsletter.answer(reader, "Thank you again.")
    assert first != second


def test_a_stranger_cannot_send_in_our_name(newsletter):
    assert newsletter.answer("ada@reader.example", "Hi")
    with pytest.raises(ClientError, match="not verified"):
        newsletter.answer("ada@reader.example", "Hi", sender="me@stranger.example")


def test_the_templates_say_what_their_files_say(ses, outputs):
    template = ses.get_template(TemplateName=outputs["templates"]["farewell"])
    assert template["Template"]["SubjectPart"] == "Fair winds, {{name}}"
    assert "go ashore" in template["Template"]["HtmlPart"]
    assert template["Template"]["TextPart"].startswith("Dear {{name}}")


def test_the_domain_and_its_senders_are_identities(ses, outputs):
    identities = ses.list_identities()["Identities"]
    assert {outputs["domain"], *outputs["senders"].values()} <= set(identities)
    assert len(outputs["dkim_tokens"]) == 3


def test_every_letter_is_booked(newsletter, sqs, outputs):
    reader = f"{uuid4()}@reader.example"
    letter = newsletter.send("farewell", reader, "Grace")
    event = booked(sqs, outputs["bookkeeping_url"], letter)
    assert event["mail"]["destination"] == [reader]
    assert event["mail"]["source"] == outputs["senders"]["no-reply"]
