"""Every tenant of a parcel-locker company gets a queue, a dead-letter queue,
policies and settings from one module, with limits that follow the tenant's plan."""

from uuid import uuid4

import pytest

from app import agrees, below, meaning, receive, refuse, send, verdicts


def test_parameter_directory_is_read(ssm, deployed):
    it = deployed["aws_ssm_parameter.directory"]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("StringList", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.directory",
        'module.tenant["bookworm"].aws_ssm_parameter.queue',
        'module.tenant["florist"].aws_ssm_parameter.queue',
        'module.tenant["grocer"].aws_ssm_parameter.queue',
        'module.tenant["toyshop"].aws_ssm_parameter.queue',
    ],
)
def test_every_parameter_is_found_by_its_path(ssm, deployed, address):
    it = deployed[address]
    assert below(ssm, it["name"].rpartition("/")[0])[it["name"]] == it["value"]


@pytest.mark.parametrize(
    "address",
    [
        "aws_ssm_parameter.directory",
        'module.tenant["bookworm"].aws_ssm_parameter.queue',
        'module.tenant["florist"].aws_ssm_parameter.queue',
        'module.tenant["grocer"].aws_ssm_parameter.queue',
        'module.tenant["toyshop"].aws_ssm_parameter.queue',
    ],
)
def test_every_parameter_is_described_as_asked(ssm, deployed, address):
    name = deployed[address]["name"]
    only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = ssm.describe_parameters(ParameterFilters=only)["Parameters"]
    assert agrees(found, {"Tier": "Standard"})


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["bookworm"].aws_iam_role.reader[0]',
        'module.tenant["bookworm"].aws_iam_role.reader[1]',
    ],
)
def test_every_role_trusts_whom_was_asked(iam, sts, deployed, address):
    role = deployed[address]
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                    "Condition": {"StringEquals": {"sts:ExternalId": ["bookworm"]}},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["bookworm"].aws_iam_role.reader[0]',
        'module.tenant["bookworm"].aws_iam_role.reader[1]',
    ],
)
def test_every_role_has_its_tags(iam, deployed, address):
    found = iam.list_role_tags(RoleName=deployed[address]["name"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Plan": "premium",
        "Tenant": "bookworm",
    }


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["bookworm"].aws_sqs_queue.dead',
        'module.tenant["florist"].aws_sqs_queue.dead',
        'module.tenant["grocer"].aws_sqs_queue.dead',
        'module.tenant["toyshop"].aws_sqs_queue.dead',
    ],
)
def test_every_queue_has_the_settings_that_were_asked_for(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "30",
        "MessageRetentionPeriod": "1209600",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["bookworm"].aws_sqs_queue.dead',
        'module.tenant["bookworm"].aws_sqs_queue.jobs',
        'module.tenant["florist"].aws_sqs_queue.dead',
        'module.tenant["grocer"].aws_sqs_queue.dead',
        'module.tenant["toyshop"].aws_sqs_queue.dead',
        'module.tenant["toyshop"].aws_sqs_queue.jobs',
    ],
)
def test_every_queue_gives_back_what_is_sent(sqs, deployed, address):
    queue = deployed[address]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=15) is not None


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["bookworm"].aws_sqs_queue.jobs',
        'module.tenant["toyshop"].aws_sqs_queue.jobs',
    ],
)
def test_every_queue_has_the_settings_that_were_asked_for_2(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "45",
        "MessageRetentionPeriod": "604800",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "10",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'module.tenant["bookworm"].aws_sqs_queue.jobs',
            'module.tenant["bookworm"].aws_sqs_queue.dead',
        ),
        (
            'module.tenant["toyshop"].aws_sqs_queue.jobs',
            'module.tenant["toyshop"].aws_sqs_queue.dead',
        ),
    ],
)
def test_every_queue_sorts_out_what_is_refused_8_times(sqs, deployed, address, other):
    queue = deployed[address]
    dead_letters = deployed[other]
    text = str(uuid4())
    send(sqs, queue, text)
    for _ in range(8):
        assert refuse(sqs, queue["id"], text)
    assert refuse(sqs, queue["id"], text, seconds=2) is None
    assert receive(sqs, dead_letters["id"], text) is not None


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'module.tenant["bookworm"].aws_sqs_queue_policy.jobs',
            'module.tenant["bookworm"].aws_sqs_queue.jobs',
        ),
        (
            'module.tenant["florist"].aws_sqs_queue_policy.jobs',
            'module.tenant["florist"].aws_sqs_queue.jobs',
        ),
        (
            'module.tenant["toyshop"].aws_sqs_queue_policy.jobs',
            'module.tenant["toyshop"].aws_sqs_queue.jobs',
        ),
    ],
)
def test_every_policy_of_queue_rules_as_asked(sqs, deployed, address, other):
    it = deployed[other]
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [
        [
            "Allow",
            [],
            ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
        ],
        ["Allow", [], ["sqs:SendMessage"]],
    ]
    assert meaning(policy) == meaning(deployed[address]["policy"])


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["bookworm"].aws_ssm_parameter.queue',
        'module.tenant["florist"].aws_ssm_parameter.queue',
        'module.tenant["grocer"].aws_ssm_parameter.queue',
        'module.tenant["toyshop"].aws_ssm_parameter.queue',
    ],
)
def test_every_parameter_is_read(ssm, deployed, address):
    it = deployed[address]
    found = ssm.get_parameter(Name=it["name"], WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("String", it["value"])
    versioned = f"{it['name']}:{found['Version']}"
    again = ssm.get_parameter(Name=versioned, WithDecryption=True)["Parameter"]
    assert again["Value"] == it["value"]


def test_parameter_tenant_bookworm_queue_has_its_tags(ssm, deployed):
    it = deployed['module.tenant["bookworm"].aws_ssm_parameter.queue']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Plan": "premium",
        "Tenant": "bookworm",
    }


def test_role_tenant_florist_reader_0_trusts_whom_was_asked(iam, sts, deployed):
    role = deployed['module.tenant["florist"].aws_iam_role.reader[0]']
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                    "Condition": {"StringEquals": {"sts:ExternalId": ["florist"]}},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_tenant_florist_reader_0_has_its_tags(iam, deployed):
    found = iam.list_role_tags(
        RoleName=deployed['module.tenant["florist"].aws_iam_role.reader[0]']["name"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Plan": "basic",
        "Tenant": "florist",
    }


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["florist"].aws_sqs_queue.jobs',
        'module.tenant["grocer"].aws_sqs_queue.jobs',
    ],
)
def test_every_queue_has_the_settings_that_were_asked_for_3(sqs, deployed, address):
    queue = deployed[address]
    reply = sqs.get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])
    wanted = {
        "VisibilityTimeout": "45",
        "MessageRetentionPeriod": "86400",
        "MaximumMessageSize": "262144",
        "DelaySeconds": "5",
        "ReceiveMessageWaitTimeSeconds": "10",
    }
    assert {name: reply["Attributes"].get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "address",
    [
        'module.tenant["florist"].aws_sqs_queue.jobs',
        'module.tenant["grocer"].aws_sqs_queue.jobs',
    ],
)
def test_every_queue_gives_back_what_is_sent_2(sqs, deployed, address):
    queue = deployed[address]
    text = str(uuid4())
    send(sqs, queue, text)
    assert receive(sqs, queue["id"], text, seconds=20) is not None


@pytest.mark.parametrize(
    ("address", "other"),
    [
        (
            'module.tenant["florist"].aws_sqs_queue.jobs',
            'module.tenant["florist"].aws_sqs_queue.dead',
        ),
        (
            'module.tenant["grocer"].aws_sqs_queue.jobs',
            'module.tenant["grocer"].aws_sqs_queue.dead',
        ),
    ],
)
def test_every_queue_sorts_out_what_is_refused_3_times(sqs, deployed, address, other):
    queue = deployed[address]
    dead_letters = deployed[other]
    text = str(uuid4())
    send(sqs, queue, text)
    for _ in range(3):
        assert refuse(sqs, queue["id"], text)
    assert refuse(sqs, queue["id"], text, seconds=2) is None
    assert receive(sqs, dead_letters["id"], text) is not None


def test_parameter_tenant_florist_queue_has_its_tags(ssm, deployed):
    it = deployed['module.tenant["florist"].aws_ssm_parameter.queue']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Plan": "basic",
        "Tenant": "florist",
    }


def test_policy_of_queue_tenant_grocer_jobs_rules_as_asked(sqs, deployed):
    it = deployed['module.tenant["grocer"].aws_sqs_queue.jobs']
    policy = sqs.get_queue_attributes(QueueUrl=it["id"], AttributeNames=["Policy"])[
        "Attributes"
    ].get("Policy")
    assert verdicts(policy) == [["Allow", [], ["sqs:SendMessage"]]]
    assert meaning(policy) == meaning(
        deployed['module.tenant["grocer"].aws_sqs_queue_policy.jobs']["policy"]
    )


def test_parameter_tenant_grocer_queue_has_its_tags(ssm, deployed):
    it = deployed['module.tenant["grocer"].aws_ssm_parameter.queue']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Plan": "basic",
        "Tenant": "grocer",
    }


def test_role_tenant_toyshop_reader_0_trusts_whom_was_asked(iam, sts, deployed):
    role = deployed['module.tenant["toyshop"].aws_iam_role.reader[0]']
    found = iam.get_role(RoleName=role["name"])["Role"]
    assert meaning(found["AssumeRolePolicyDocument"]) == meaning(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": "arn:aws:iam::<account>:root"},
                    "Condition": {"StringEquals": {"sts:ExternalId": ["toyshop"]}},
                }
            ],
        },
        sts.get_caller_identity()["Account"],
    )
    assert found["Arn"] == role["arn"]
    assert agrees(found, {"Path": "/", "MaxSessionDuration": 3600})


def test_role_tenant_toyshop_reader_0_has_its_tags(iam, deployed):
    found = iam.list_role_tags(
        RoleName=deployed['module.tenant["toyshop"].aws_iam_role.reader[0]']["name"]
    )["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Plan": "premium",
        "Tenant": "toyshop",
    }


def test_parameter_tenant_toyshop_queue_has_its_tags(ssm, deployed):
    it = deployed['module.tenant["toyshop"].aws_ssm_parameter.queue']
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it["name"])[
        "TagList"
    ]
    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "Plan": "premium",
        "Tenant": "toyshop",
    }
