"""A railway's lost-property office by mail: domains and desks verified in SES,
policies for who may send as whom, answers from templates, and a bucket, topics
and a queue for mail that arrives or bounces."""

import json
import re
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from app import (
    agrees,
    erase,
    gather,
    meaning,
    publish,
    receive,
    remove_object,
    send,
    take,
    verdicts,
    verified,
    wirings,
    write,
)


def test_policy_station_found_railway_example_says_what_was_asked(iam, deployed):
    arn = deployed['aws_iam_policy.station["found.railway.example"]']["arn"]
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert agrees(
        found, {"Path": "/", "Description": "Send mail as found.railway.example"}
    )
    version = iam.get_policy_version(
        PolicyArn=arn, VersionId=found["DefaultVersionId"]
    )["PolicyVersion"]
    assert version["IsDefaultVersion"]
    assert meaning(version["Document"]) == meaning(
        deployed['aws_iam_policy.station["found.railway.example"]']["policy"]
    )


def test_policy_station_lost_railway_example_says_what_was_asked(iam, deployed):
    arn = deployed['aws_iam_policy.station["lost.railway.example"]']["arn"]
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert agrees(
        found, {"Path": "/", "Description": "Send mail as lost.railway.example"}
    )
    version = iam.get_policy_version(
        PolicyArn=arn, VersionId=found["DefaultVersionId"]
    )["PolicyVersion"]
    assert version["IsDefaultVersion"]
    assert meaning(version["Document"]) == meaning(
        deployed['aws_iam_policy.station["lost.railway.example"]']["policy"]
    )


def test_bucket_mail_keeps_what_is_put(s3, deployed):
    bucket = deployed["aws_s3_bucket.mail"]["id"]
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


def test_bucket_mail_encrypts_by_default(s3, deployed):
    bucket = deployed["aws_s3_bucket.mail"]["bucket"]
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


def test_bucket_mail_has_its_tags(s3, deployed):
    found = s3.get_bucket_tagging(Bucket=deployed["aws_s3_bucket.mail"]["id"])["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"Office": "lost-property"}


def test_bucket_mail_has_the_lifecycle_asked_for(s3, deployed):
    found = s3.get_bucket_lifecycle_configuration(
        Bucket=deployed["aws_s3_bucket.mail"]["bucket"]
    )["Rules"]
    assert agrees(
        found,
        [
            {
                "ID": "three-months",
                "Expiration": {"Days": 92},
                "Status": "Enabled",
                "Filter": {"Prefix": "mail/"},
            }
        ],
    )


def test_notifications_of_arrived_are_as_asked(s3, deployed):
    it = deployed["aws_s3_bucket_notification.arrived"]
    reply = s3.get_bucket_notification_configuration(Bucket=it["bucket"])
    assert wirings(reply, "TopicConfigurations", "TopicArn") == {
        it["topic"][0]["id"]: [
            it["topic"][0]["topic_arn"],
            ["s3:ObjectCreated:*"],
            "mail/",
            "",
        ]
    }


def test_topic_arrived_1_hears_of_an_object_created_and_of_no_other(s3, sqs, deployed):
    it = deployed["aws_s3_bucket_notification.arrived"]
    queue = deployed["aws_sqs_queue.clerks"]
    wanted = str(uuid4())
    unwanted = str(uuid4())
    keys = [f"not-mail/{unwanted}", f"mail/{wanted}"]
    for key in keys:
        s3.put_object(Bucket=it["bucket"], Key=key, Body=b"probe")
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=1)
    for key in keys:
        erase(s3, it["bucket"], key)
    assert any(wanted in str(one) and "ObjectCreated:" in str(one) for one in found)
    assert not any(unwanted in str(one) for one in found)


def test_bucket_policy_mail_says_what_was_asked(s3, deployed):
    found = s3.get_bucket_policy(
        Bucket=deployed["aws_s3_bucket_policy.mail"]["bucket"]
    )["Policy"]
    assert meaning(found) == meaning(deployed["aws_s3_bucket_policy.mail"]["policy"])


def test_configuration_set_answers_is_known_by_its_name(ses, deployed):
    it = deployed["aws_ses_configuration_set.answers"]
    reply = ses.describe_configuration_set(ConfigurationSetName=it["name"])
    assert reply["ConfigurationSet"]["Name"] == it["name"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_ses_domain_identity.this["found.railway.example"]',
        'aws_ses_domain_identity.this["lost.railway.example"]',
    ],
)
def test_every_domain_is_listed_with_a_token_to_verify_it_by(ses, deployed, address):
    it = deployed[address]
    pages = ses.get_paginator("list_identities").paginate(IdentityType="Domain")
    assert it["domain"] in [each for page in pages for each in page["Identities"]]
    reply = ses.get_identity_verification_attributes(Identities=[it["domain"]])
    assert reply["VerificationAttributes"][it["domain"]]["VerificationToken"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_ses_domain_identity.this["found.railway.example"]',
        'aws_ses_domain_identity.this["lost.railway.example"]',
    ],
)
def test_every_mail_from_domain_is_sent_once_it_is_verified(ses, deployed, address):
    it = deployed[address]
    if verified(ses, it["domain"]):
        assert write(ses, f"probe@{it['domain']}")["MessageId"]
    else:
        with pytest.raises(ClientError, match="MessageRejected"):
            write(ses, f"probe@{it['domain']}")


@pytest.mark.parametrize(
    "address",
    [
        'aws_ses_email_identity.desk["luggage@found.railway.example"]',
        'aws_ses_email_identity.desk["luggage@lost.railway.example"]',
        'aws_ses_email_identity.desk["umbrellas@found.railway.example"]',
        'aws_ses_email_identity.desk["umbrellas@lost.railway.example"]',
    ],
)
def test_every_mail_from_address_is_sent_once_it_is_verified(ses, deployed, address):
    it = deployed[address]
    if verified(ses, it["email"]):
        assert write(ses, it["email"])["MessageId"]
    else:
        with pytest.raises(ClientError, match="MessageRejected"):
            write(ses, it["email"])


def test_event_destination_trouble_is_listed_as_asked(ses, deployed):
    it = deployed["aws_ses_event_destination.trouble"]
    reply = ses.describe_configuration_set(
        ConfigurationSetName=it["configuration_set_name"],
        ConfigurationSetAttributeNames=["eventDestinations"],
    )
    (found,) = [
        each for each in reply["EventDestinations"] if each["Name"] == it["name"]
    ]
    assert found.get("Enabled", False) is True
    assert sorted(found["MatchingEventTypes"]) == ["bounce", "complaint", "reject"]
    assert found["SNSDestination"]["TopicARN"] == it["sns_destination"][0]["topic_arn"]


def test_receipt_rule_set_office_has_its_rules(ses, deployed):
    it = deployed["aws_ses_receipt_rule_set.office"]
    reply = ses.describe_receipt_rule_set(RuleSetName=it["rule_set_name"])
    assert reply["Metadata"]["Name"] == it["rule_set_name"]
    assert {each["Name"] for each in reply["Rules"]} >= set()


def test_template_answer_found_has_its_texts(ses, deployed):
    it = deployed['aws_ses_template.answer["found"]']
    found = ses.get_template(TemplateName=it["name"])["Template"]
    wanted = {
        "SubjectPart": "Good news about your {{item}}",
        "TextPart": "Dear {{name}},\n\nyour {{item}} is on shelf {{shelf}} of our office.\n\nPlease bring this mail with you.\n",
        "HtmlPart": '<html><body style="font-family: sans-serif">\n<p>Dear {{name}},</p>\n<p>your {{item}} is on shelf {{shelf}} of our office.</p>\n<p>Please bring this mail with you.</p>\n<p><small>Lost Property, platform 3</small></p>\n</body></html>\n',
    }
    assert {name: found.get(name) for name in wanted} == wanted


def test_template_answer_found_is_filled_in(ses, deployed):
    it = deployed['aws_ses_template.answer["found"]']
    data = {"item": "probed0", "name": "probed1", "shelf": "probed2"}
    reply = ses.test_render_template(
        TemplateName=it["name"], TemplateData=json.dumps(data)
    )
    letter = re.sub("=\r?\n", "", reply["RenderedTemplate"])
    assert [value for value in data.values() if value not in letter] == []


def test_template_answer_given_up_has_its_texts(ses, deployed):
    it = deployed['aws_ses_template.answer["given-up"]']
    found = ses.get_template(TemplateName=it["name"])["Template"]
    wanted = {
        "SubjectPart": "We have not found your {{item}}",
        "TextPart": "Dear {{name}},\n\nyour {{item}} has not been found in three months, and we have closed {{reference}}.\n",
        "HtmlPart": '<html><body style="font-family: sans-serif">\n<p>Dear {{name}},</p>\n<p>your {{item}} has not been found in three months, and we have closed {{reference}}.</p>\n<p><small>Lost Property, platform 3</small></p>\n</body></html>\n',
    }
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address",
    ['aws_ses_template.answer["given-up"]', 'aws_ses_template.answer["received"]'],
)
def test_every_template_is_filled_in(ses, deployed, address):
    it = deployed[address]
    data = {"item": "probed0", "name": "probed1", "reference": "probed2"}
    reply = ses.test_render_template(
        TemplateName=it["name"], TemplateData=json.dumps(data)
    )
    letter = re.sub("=\r?\n", "", reply["RenderedTemplate"])
    assert [value for value in data.values() if value not in letter] == []


def test_template_answer_received_has_its_texts(ses, deployed):
    it = deployed['aws_ses_template.answer["received"]']
    found = ses.get_template(TemplateName=it["name"])["Template"]
    wanted = {
        "SubjectPart": "We have your report {{reference}}",
        "TextPart": "Dear {{name}},\n\nwe have written down what you lost: {{item}}. Your reference is {{reference}}.\n\nOur clerks look through the trains every evening.\n",
        "HtmlPart": '<html><body style="font-family: sans-serif">\n<p>Dear {{name}},</p>\n<p>we have written down what you lost: {{item}}. Your reference is {{reference}}.</p>\n<p>Our clerks look through the trains every evening.</p>\n<p><small>Lost Property, platform 3</small></p>\n</body></html>\n',
    }
    assert {name: found.get(name) for name in wanted} == wanted


def test_policy_of_topic_arrived_rules_as_asked(sns, deployed):
    it = deployed['aws_sns_topic.this["arrived"]']
    policy = sns.get_topic_attributes(TopicArn=it["arn"])["Attributes"].get("Policy")
    assert verdicts(policy) == [["Allow", ["s3.amazonaws.com"], ["sns:Publish"]]]
    assert meaning(policy) == meaning(
        deployed["aws_sns_topic_policy.arrived"]["policy"]
    )


@pytest.mark.parametrize(
    "address",
    [
        'aws_sns_topic_subscription.clerks["arrived"]',
        'aws_sns_topic_subscription.clerks["trouble"]',
    ],
)
def test_every_subscription_is_listed_as_asked(sns, deployed, address):
    it = deployed[address]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(
        TopicArn=it["topic_arn"]
    )
    found = [
        (each["Protocol"], each["Endpoint"])
        for page in pages
        for each in page["Subscriptions"]
    ]
    assert (it["protocol"], it["endpoint"]) in found
    reply = sns.get_subscription_attributes(SubscriptionArn=it["arn"])
    assert reply["Attributes"]["RawMessageDelivery"] == "true"


@pytest.mark.parametrize(
    ("address", "other", "third"),
    [
        (
            'aws_sns_topic_subscription.clerks["arrived"]',
            'aws_sns_topic.this["arrived"]',
            "aws_sqs_queue.clerks",
        ),
        (
            'aws_sns_topic_subscription.clerks["trouble"]',
            'aws_sns_topic.this["trouble"]',
            "aws_sqs_queue.clerks",
        ),
    ],
)
def test_every_subscription_passes_messages_on(
    sns, sqs, deployed, address, other, third
):
    queue = deployed[third]
    topic = deployed[other]
    wanted = str(uuid4())
    publish(sns, topic, wanted)
    found = gather(lambda: take(sqs, queue["id"]), wanted, after=0)
    bodies = [message["Body"] for message in found]
    assert wanted in bodies


def test_queue_clerks_has_the_settings_that_were_asked_for(sqs, deployed):
    queue = deployed["aws_sqs_queue.clerks"]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "345600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


def test_queue_clerks_gives_back_what_is_sent(sqs, deployed):
    queue = deployed["aws_sqs_queue.clerks"]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


def test_policy_of_queue_clerks_rules_as_asked(sqs, deployed):
    it = deployed["aws_sqs_queue.clerks"]
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [["Allow", ["sns.amazonaws.com"], ["sqs:SendMessage"]]]
    assert meaning(policy) == meaning(deployed["aws_sqs_queue_policy.clerks"]["policy"])
