"""The framework itself, of the last version that needs no account, makes the same of a service as we do."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from pytest_lsqm import process
from pytest_lsqm.discovery import serverless
from tests.support.files import write_tree

FRAMEWORK = "serverless@3.40.0"

SERVICE = r"""
service: my-shop
frameworkVersion: '3'
custom:
  stage: ${opt:stage, self:provider.stage}
  table: ${file(./env.yml):${self:custom.stage}.table}
provider:
  name: aws
  runtime: nodejs20.x
  stage: live
  region: eu-west-1
  memorySize: 512
  tracing: {lambda: true}
  logRetentionInDays: 7
  tags: {team: x}
  environment: {TABLE: '${self:custom.table}', QUEUE: !Ref MyQueue}
  iam: {role: {statements: [{Effect: Allow, Action: ['dynamodb:*'], Resource: !GetAtt Table.Arn}]}}
  apiGateway: {apiKeys: [k1]}
  httpApi:
    cors: true
    authorizers:
      jwt: {issuerUrl: 'https://issuer.example', audience: [me], identitySource: $request.header.Authorization}
functions:
  hello:
    handler: handler.run
    events:
      - http: {path: hello, method: get, cors: true}
      - http: POST items/{itemId}
      - httpApi: GET /x/{id}
      - httpApi: {method: post, path: /y, authorizer: jwt}
      - sns: topic-name
      - sqs: {arn: !GetAtt MyQueue.Arn, batchSize: 5, functionResponseType: ReportBatchItemFailures}
      - schedule: rate(5 minutes)
      - schedule: {rate: ['cron(0 12 * * ? *)'], enabled: false, inputPath: '$.a', name: nm}
      - stream: {type: dynamodb, arn: !GetAtt Table.StreamArn, batchSize: 1}
      - stream: {arn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/foo', consumer: true}
  on-event_x:
    handler: handler.run
    name: custom-name
    runtime: nodejs18.x
    memorySize: 128
    timeout: 10
    description: d
    reservedConcurrency: 2
    url: true
    environment: {A: 1}
    events:
      - s3: photos-bucket
      - s3: {bucket: photos-bucket, event: 's3:ObjectRemoved:*', rules: [{prefix: up/}, {suffix: .jpg}]}
      - eventBridge: {pattern: {source: [aws.ec2]}}
      - eventBridge: {schedule: rate(1 hour), input: {k: v}}
      - eventBridge: {eventBus: custom-bus, pattern: {source: [me]}, inputTransformer: {inputTemplate: '{"x": 1}'}}
      - websocket: $connect
      - websocket: {route: $default}
      - cloudwatchLog: /aws/lambda/foo
      - cloudwatchEvent: {event: {source: [aws.s3]}}
      - sns: {topicName: t2, displayName: D, filterPolicy: {a: [b]}}
      - sns: arn:aws:sns:eu-west-1:123456789012:given
      - http: {path: private, method: put, private: true, authorizer: hello}
      - schedule: {method: scheduler, rate: [rate(1 day)], timezone: Europe/Berlin}
resources:
  - Resources:
      MyQueue: {Type: 'AWS::SQS::Queue'}
  - Resources:
      Table: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: '${self:custom.table}'}}
    Outputs: {Q: {Value: !Ref MyQueue}}
    extensions: {HelloLogGroup: {Properties: {RetentionInDays: 30}}}
"""

OF_THE_DEPLOYMENT = ("ServerlessDeployment", "LambdaVersion", "ApiGatewayStage")
"""Parts of names of what belongs to the framework's own deployment, or to ours alone."""

NOT_COMPARED = {"Code", "StageName", "StageKeys", "ApiStages", "Policy"}
"""Properties that depend on the deployment's archive, or on who makes the stage."""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")
def test_the_framework_makes_the_same_of_a_service(tmp_path: Path) -> None:
    service = write_tree(
        tmp_path / "service",
        {
            "serverless.yml": SERVICE,
            "handler.js": "exports.run = async () => 1\n",
            "env.yml": "live: {table: orders}\n",
        },
    )
    expected = {
        name: compared(resource)
        for name, resource in packaged(service, tmp_path)["Resources"].items()
        if not any(part in name for part in OF_THE_DEPLOYMENT)
    }
    found = serverless.template(service)
    assert found.lost == ()
    got = {name: compared(each) for name, each in found.template["Resources"].items() if name != "ApiGatewayStage"}
    assert got == {stable(name): resource for name, resource in expected.items()}


def packaged(service: Path, scratch: Path) -> dict[str, Any]:
    """Let the framework package a service, and return the template that it would deploy."""
    env = process.base_environment(scratch / "home") | process.network_environment()
    if (settings := Path.home() / ".npmrc").is_file():
        env.setdefault("NPM_CONFIG_USERCONFIG", str(settings))
    words = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(scratch / "tool"), FRAMEWORK)
    installed = process.run(["npm", "install", *words], env=env, timeout=300)
    assert installed.ok, installed.describe()
    quiet = {"SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off", "AWS_EC2_METADATA_DISABLED": "true"}
    program = scratch / "tool" / "node_modules" / ".bin" / "serverless"
    env = process.base_environment(scratch / "home") | quiet
    done = process.run([program, "package"], env=env, timeout=120, cwd=service)
    assert done.ok, done.describe()
    path = service / ".serverless" / "cloudformation-template-update-stack.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def stable(name: str) -> str:
    """Return a logical id without what changes with each deployment."""
    return re.sub(r"^(ApiGatewayDeployment|WebsocketsDeployment)(?!Stage).*", r"\1", name)


def compared(resource: dict[str, Any]) -> dict[str, Any]:
    """Return what must be the same of a resource, with texts that are joined as one, and statements in order."""
    properties = {k: v for k, v in resource.get("Properties", {}).items() if k not in NOT_COMPARED}
    found = joined({"Type": resource["Type"], "Properties": properties})
    for policy in found["Properties"].get("Policies", ()):
        policy["PolicyDocument"]["Statement"].sort(key=json.dumps)
    for cors in filter(None, [found["Properties"].get("CorsConfiguration")]):
        cors["AllowMethods"].sort()
    return dict(found)


def joined(value: Any) -> Any:
    if isinstance(value, list):
        return [joined(inner) for inner in value]
    if not isinstance(value, dict):
        return stable(value) if isinstance(value, str) else value
    if list(value) == ["Fn::Join"]:
        separator, parts = value["Fn::Join"]
        return separator.join(part if isinstance(part, str) else json.dumps(part) for part in joined(parts))
    return {key: joined(inner) for key, inner in value.items()}
