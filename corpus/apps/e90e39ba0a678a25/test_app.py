from uuid import uuid4

from app import collect, inventory, publish


def test_a_reading_reaches_the_stacks_archive_and_the_astronomers(sns, sqs, outputs):
    reading = str(uuid4())
    publish(sns, outputs["topic_arn"], reading, magnitude=-1.46)
    expected = {"reading": reading, "magnitude": -1.46}
    assert collect(sqs, outputs["archive_url"], reading) == expected
    assert collect(sqs, outputs["astronomers_url"], reading) == expected


def test_the_stack_created_all_that_its_template_names(cloudformation, outputs):
    resources = inventory(cloudformation, outputs["stack_name"])
    assert {name: kind for name, (kind, _) in resources.items()} == {
        "Topic": "AWS::SNS::Topic",
        "Archive": "AWS::SQS::Queue",
        "ArchivePolicy": "AWS::SQS::QueuePolicy",
        "ArchiveSubscription": "AWS::SNS::Subscription",
        "Latitude": "AWS::SSM::Parameter",
    }
    assert {status for _, status in resources.values()} == {"CREATE_COMPLETE"}


def test_parameters_of_the_stack_reach_its_queue(cloudformation, sqs, outputs):
    [stack] = cloudformation.describe_stacks(StackName=outputs["stack_name"])["Stacks"]
    values = {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]}
    assert values == {"Dome": "meridian", "RetentionSeconds": "259200"}
    attributes = sqs.get_queue_attributes(
        QueueUrl=outputs["archive_url"], AttributeNames=["MessageRetentionPeriod"]
    )["Attributes"]
    assert attributes["MessageRetentionPeriod"] == "259200"


def test_the_latitude_is_kept_as_a_parameter(ssm, outputs):
    parameter = ssm.get_parameter(Name=outputs["latitude_parameter"])["Parameter"]
    assert parameter["Name"] == "/observatory/meridian/latitude"
    assert parameter["Value"] == "51.4769"


def test_the_template_can_be_read_back(cloudformation, outputs):
    reply = cloudformation.get_template(StackName=outputs["stack_name"])
    assert "Readings of one dome" in str(reply["TemplateBody"])
