"""One small architecture per service: Terraform, and an app that uses what it makes."""

from __future__ import annotations

_OPEN = """
import json, os
import boto3

with open(os.environ["LSQM_OUTPUTS"]) as stream:
    it = json.load(stream)["it"]
"""


def _app(*lines: str) -> str:
    return _OPEN + "\ndef test_it():\n" + "".join(f"    {line}\n" for line in lines)


def _terraform(body: str, output: str) -> str:
    return f'{body}\noutput "it" {{\n  value = {output}\n}}\n'


SMALL: dict[str, tuple[str, str]] = {
    "sqs": (
        _terraform('resource "aws_sqs_queue" "it" {\n  name = "it"\n}', "aws_sqs_queue.it.id"),
        _app(
            "sqs = boto3.client('sqs')",
            "sqs.send_message(QueueUrl=it, MessageBody='hello')",
            "found = sqs.receive_message(QueueUrl=it, WaitTimeSeconds=2)['Messages'][0]",
            "assert len(found['MessageId']) == 36",
        ),
    ),
    "sns": (
        _terraform('resource "aws_sns_topic" "it" {\n  name = "it"\n}', "aws_sns_topic.it.arn"),
        _app(
            "sns = boto3.client('sns')",
            "sns.publish(TopicArn=it, Message='x')",
            "assert sns.list_topics()['Topics'] == [{'TopicArn': it}]",
        ),
    ),
    "s3": (
        _terraform(
            'resource "aws_s3_bucket" "it" {\n  bucket_prefix = "it-"\n  force_destroy = true\n}',
            "aws_s3_bucket.it.bucket",
        ),
        _app(
            "s3 = boto3.client('s3')",
            "for key in 'ab': s3.put_object(Bucket=it, Key=key, Body=b'body')",
            "assert s3.get_object(Bucket=it, Key='a')['Body'].read() == b'body'",
            "assert [each['Key'] for each in s3.list_objects_v2(Bucket=it)['Contents']] == ['a', 'b']",
        ),
    ),
    "dynamodb": (
        _terraform(
            'resource "aws_dynamodb_table" "it" {\n  name = "items"\n  billing_mode = "PAY_PER_REQUEST"\n'
            '  hash_key = "h"\n  range_key = "r"\n'
            '  attribute {\n    name = "h"\n    type = "S"\n  }\n'
            '  attribute {\n    name = "r"\n    type = "N"\n  }\n}',
            "aws_dynamodb_table.it.name",
        ),
        _app(
            "table = boto3.resource('dynamodb').Table(it)",
            "for n in (1, 2): table.put_item(Item={'h': 'x', 'r': n, 'v': 'kept'})",
            "assert table.get_item(Key={'h': 'x', 'r': 1})['Item']['v'] == 'kept'",
            "from boto3.dynamodb.conditions import Key",
            "found = table.query(KeyConditionExpression=Key('h').eq('x'))['Items']",
            "assert [each['r'] for each in found] == [1, 2]",
        ),
    ),
    "ssm": (
        _terraform(
            'resource "aws_ssm_parameter" "it" {\n  name = "it"\n  type = "String"\n  value = "kept"\n}',
            "aws_ssm_parameter.it.name",
        ),
        _app(
            "ssm = boto3.client('ssm')",
            "ssm.put_parameter(Name='other', Type='String', Value='mine', Overwrite=True)",
            "found = ssm.get_parameters(Names=['it', 'other'])['Parameters']",
            "assert {each['Name']: each['Value'] for each in found} == {'it': 'kept', 'other': 'mine'}",
        ),
    ),
    "secretsmanager": (
        _terraform(
            'resource "aws_secretsmanager_secret" "it" {\n  name_prefix = "it"\n  recovery_window_in_days = 0\n}',
            "aws_secretsmanager_secret.it.id",
        ),
        _app(
            "client = boto3.client('secretsmanager')",
            "client.put_secret_value(SecretId=it, SecretString='hidden')",
            "assert client.get_secret_value(SecretId=it)['SecretString'] == 'hidden'",
        ),
    ),
    "iam": (
        _terraform(
            'resource "aws_iam_role" "it" {\n  name = "it"\n  assume_role_policy = jsonencode({ '
            'Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", '
            'Principal = { Service = "ec2.amazonaws.com" } }] })\n}',
            "aws_iam_role.it.name",
        ),
        _app(
            "iam = boto3.client('iam')",
            "iam.tag_role(RoleName=it, Tags=[{'Key': 'a', 'Value': 'b'}])",
            "assert iam.list_role_tags(RoleName=it)['Tags'] == [{'Key': 'a', 'Value': 'b'}]",
        ),
    ),
    "kms": (
        _terraform('resource "aws_kms_key" "it" {\n  description = "it"\n}', "aws_kms_key.it.key_id"),
        _app(
            "kms = boto3.client('kms')",
            "sealed = kms.encrypt(KeyId=it, Plaintext=b'open')['CiphertextBlob']",
            "assert kms.decrypt(CiphertextBlob=sealed)['Plaintext'] == b'open'",
        ),
    ),
    "logs": (
        _terraform(
            'resource "aws_cloudwatch_log_group" "it" {\n  name = "it"\n}', "aws_cloudwatch_log_group.it.name"
        ),
        _app(
            "import time",
            "logs = boto3.client('logs')",
            "name = str(time.time())",
            "logs.create_log_stream(logGroupName=it, logStreamName=name)",
            "event = {'timestamp': int(time.time() * 1000), 'message': 'hello'}",
            "logs.put_log_events(logGroupName=it, logStreamName=name, logEvents=[event])",
            "found = logs.get_log_events(logGroupName=it, logStreamName=name, startFromHead=True)['events']",
            "assert [each['message'] for each in found] == ['hello']",
        ),
    ),
    "events": (
        _terraform(
            'resource "aws_cloudwatch_event_rule" "it" {\n  name = "it"\n'
            '  event_pattern = jsonencode({ source = ["x"] })\n}',
            "aws_cloudwatch_event_rule.it.name",
        ),
        _app(
            "events = boto3.client('events')",
            "assert events.put_events(Entries=[{'Source': 'x', 'DetailType': 'd', 'Detail': '{}'}])"
            "['FailedEntryCount'] == 0",
            "assert events.describe_rule(Name=it)['State'] == 'ENABLED'",
        ),
    ),
    "stepfunctions": (
        _terraform(
            'resource "aws_sfn_state_machine" "it" {\n  name = "it"\n'
            '  role_arn = "arn:aws:iam::000000000000:role/it"\n'
            '  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })\n}',
            "aws_sfn_state_machine.it.id",
        ),
        _app(
            "sfn = boto3.client('stepfunctions')",
            "run = sfn.start_execution(stateMachineArn=it, input='{}')['executionArn']",
            "assert sfn.describe_execution(executionArn=run)['input'] == '{}'",
        ),
    ),
    "cloudwatch": (
        _terraform(
            'resource "aws_cloudwatch_metric_alarm" "it" {\n  alarm_name = "it"\n  namespace = "n"\n'
            '  metric_name = "m"\n  comparison_operator = "GreaterThanThreshold"\n  threshold = 1\n'
            '  evaluation_periods = 1\n  period = 60\n  statistic = "Sum"\n}',
            "aws_cloudwatch_metric_alarm.it.alarm_name",
        ),
        _app(
            "client = boto3.client('cloudwatch')",
            "client.set_alarm_state(AlarmName=it, StateValue='ALARM', StateReason='x')",
            "assert client.describe_alarms(AlarmNames=[it])['MetricAlarms'][0]['StateValue'] == 'ALARM'",
        ),
    ),
    "ec2": (
        _terraform('resource "aws_vpc" "it" {\n  cidr_block = "10.7.0.0/16"\n}', "aws_vpc.it.id"),
        _app(
            "ec2 = boto3.client('ec2')",
            "subnet = ec2.create_subnet(VpcId=it, CidrBlock='10.7.1.0/24')['Subnet']['SubnetId']",
            "assert ec2.describe_subnets(SubnetIds=[subnet])['Subnets'][0]['VpcId'] == it",
            "ec2.delete_subnet(SubnetId=subnet)",
        ),
    ),
    "route53": (
        _terraform('resource "aws_route53_zone" "it" {\n  name = "it.example"\n}', "aws_route53_zone.it.zone_id"),
        _app(
            "client = boto3.client('route53')",
            "found = client.list_resource_record_sets(HostedZoneId=it)['ResourceRecordSets']",
            "assert {each['Type'] for each in found} == {'NS', 'SOA'}",
        ),
    ),
}
