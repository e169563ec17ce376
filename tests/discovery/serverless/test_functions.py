"""A service's functions: their settings, their code, their role, and why one is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.discovery.serverless.services import HEAD, lost, names, properties, read

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lsqm.discovery.serverless import Service


def one(folder: Path, config: str = "", provider: str = "", **files: str) -> Service:
    """Read a service with one function, `hello`, of the given settings, as YAML in one line."""
    handler = "" if "handler:" in config else "handler: handler.run, "
    return read(folder, f"{HEAD}{provider}functions:\n  hello: {{{handler}{config}}}\n", **files)


def hello(service: Service) -> dict[str, Any]:
    return properties(service, "HelloLambdaFunction")


def test_a_function_has_the_names_and_defaults_of_the_framework(tmp_path: Path) -> None:
    service = one(tmp_path)
    assert list(service.template["Resources"]) == [
        "HelloLogGroup",
        "HelloLambdaFunction",
        "IamRoleLambdaExecution",
    ]
    assert service.template["Resources"]["HelloLambdaFunction"]["DependsOn"] == ["HelloLogGroup"]
    assert properties(service, "HelloLogGroup") == {"LogGroupName": "/aws/lambda/shop-dev-hello"}
    assert hello(service) == {
        "Code": {"S3Bucket": "serverless-deployment", "S3Key": "shop.zip"},
        "Handler": "handler.run",
        "Runtime": "nodejs20.x",
        "FunctionName": "shop-dev-hello",
        "MemorySize": 1024,
        "Timeout": 6,
        "Role": {"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]},
    }
    assert service.assets == {"HelloLambdaFunction": "."}
    assert service.lost == ()


def test_dashes_and_underscores_are_words_in_a_logical_id(tmp_path: Path) -> None:
    service = read(tmp_path, f"{HEAD}functions:\n  on-new_order: {{handler: handler.run}}\n")
    assert names(service, "AWS::Lambda::Function") == ["OnDashnewUnderscoreorderLambdaFunction"]


def test_a_function_says_more_than_its_provider(tmp_path: Path) -> None:
    service = one(
        tmp_path,
        "memorySize: 256, runtime: nodejs22.x, environment: {B: 2, C: true}, tags: {x: own}, name: called",
        "  memorySize: 512\n  timeout: 20\n  stage: live\n  tags: {x: all, y: all}\n"
        "  environment: {A: all, B: all}\n"
        "  tracing: {lambda: true}\n  architecture: arm64\n",
    )
    found = hello(service)
    assert (found["MemorySize"], found["Timeout"]) == (256, 20)
    assert found["Runtime"] == "nodejs22.x"
    assert found["Environment"] == {"Variables": {"A": "all", "B": "2", "C": "true"}}
    assert found["Tags"] == [{"Key": "x", "Value": "own"}, {"Key": "y", "Value": "all"}]
    assert found["FunctionName"] == "called"
    assert found["Architectures"] == ["arm64"]
    assert found["TracingConfig"] == {"Mode": "Active"}
    document = properties(service, "IamRoleLambdaExecution")["Policies"][0]["PolicyDocument"]
    assert "xray:PutTraceSegments" in document["Statement"][-1]["Action"]


@pytest.mark.parametrize(
    ("config", "property_", "expected"),
    [
        ("description: d", "Description", "d"),
        ("reservedConcurrency: 0", "ReservedConcurrentExecutions", 0),
        ("ephemeralStorageSize: 1024", "EphemeralStorage", {"Size": 1024}),
        ("onError: !Ref Topic", "DeadLetterConfig", {"TargetArn": {"Ref": "Topic"}}),
        ("kmsKeyArn: arn:k", "KmsKeyArn", "arn:k"),
        ("tracing: PassThrough", "TracingConfig", {"Mode": "PassThrough"}),
        (
            "vpc: {securityGroupIds: [sg], subnetIds: [a, b]}",
            "VpcConfig",
            {"SecurityGroupIds": ["sg"], "SubnetIds": ["a", "b"]},
        ),
        ("role: 'arn:aws:iam::1:role/r'", "Role", "arn:aws:iam::1:role/r"),
        ("role: MyRole", "Role", {"Fn::GetAtt": ["MyRole", "Arn"]}),
        ("role: !GetAtt MyRole.Arn", "Role", {"Fn::GetAtt": ["MyRole", "Arn"]}),
    ],
)
def test_each_setting_becomes_a_property(tmp_path: Path, config: str, property_: str, expected: object) -> None:
    service = one(tmp_path, config)
    assert hello(service)[property_] == expected
    assert names(service, "AWS::IAM::Role") == ([] if property_ == "Role" else ["IamRoleLambdaExecution"])


@pytest.mark.parametrize("where", ["iam: {role: 'arn:r'}", "role: 'arn:r'", "iam: {role: {Ref: Given}}"])
def test_a_role_of_the_provider_takes_the_place_of_the_services_own(tmp_path: Path, where: str) -> None:
    service = one(tmp_path, provider=f"  {where}\n")
    assert hello(service)["Role"] in ("arn:r", {"Ref": "Given"})
    assert names(service, "AWS::IAM::Role") == []


@pytest.mark.parametrize(
    "where", ["iam: {role: {statements: [{}]}}", "iamRoleStatements: [{}]", "iamRoleStatements: [[{}]]"]
)
def test_statements_are_part_of_the_shared_role(tmp_path: Path, where: str) -> None:
    statement = "{Effect: Allow, Action: ['s3:*'], Resource: '*'}"
    service = one(tmp_path, provider=f"  {where.replace('{}', statement)}\n")
    document = properties(service, "IamRoleLambdaExecution")["Policies"][0]["PolicyDocument"]
    assert document["Statement"][2] == {"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}


def test_the_shared_role_has_what_its_settings_say(tmp_path: Path) -> None:
    role = "{name: r, path: /p/, managedPolicies: ['arn:m'], permissionsBoundary: 'arn:b', tags: {a: b}}"
    service = one(tmp_path, "vpc: {securityGroupIds: [sg], subnetIds: [a]}", f"  iam: {{role: {role}}}\n")
    found = properties(service, "IamRoleLambdaExecution")
    assert (found["RoleName"], found["Path"], found["PermissionsBoundary"]) == ("r", "/p/", "arn:b")
    assert found["ManagedPolicyArns"][0] == "arn:m"
    assert "AWSLambdaVPCAccessExecutionRole" in str(found["ManagedPolicyArns"][1])
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]


def test_a_function_may_have_an_address_of_its_own(tmp_path: Path) -> None:
    service = one(tmp_path, "url: {cors: {allowedOrigins: ['https://a.example'], maxAge: 5}}")
    found = properties(service, "HelloLambdaFunctionUrl")
    assert found["AuthType"] == "NONE"
    assert found["Cors"] == {"AllowOrigins": ["https://a.example"], "MaxAge": 5}
    assert properties(service, "HelloLambdaPermissionFnUrl")["Action"] == "lambda:InvokeFunctionUrl"


def test_an_address_for_signed_requests_needs_no_permission(tmp_path: Path) -> None:
    service = one(tmp_path, "url: {authorizer: aws_iam}")
    assert properties(service, "HelloLambdaFunctionUrl")["AuthType"] == "AWS_IAM"
    assert names(service, "AWS::Lambda::Permission") == []


def test_a_function_without_logs_has_no_log_group(tmp_path: Path) -> None:
    service = one(tmp_path, "disableLogs: true")
    assert names(service, "AWS::Logs::LogGroup") == []
    assert "DependsOn" not in service.template["Resources"]["HelloLambdaFunction"]


# Code


@pytest.mark.parametrize(
    ("runtime", "handler", "file"),
    [
        ("nodejs20.x", "src/a.run", "src/a.js"),
        ("nodejs20.x", "a.run", "a.mjs"),
        ("python3.12", "src/a.run", "src/a.py"),
        ("python3.12", "src.a.run", "src/a.py"),
        ("ruby3.2", "a.Class.run", "a.Class.rb"),
    ],
)
def test_a_source_is_found_by_its_handler(tmp_path: Path, runtime: str, handler: str, file: str) -> None:
    service = one(tmp_path, f"handler: {handler}, runtime: {runtime}", **{_named(file): "x"})
    assert service.assets == {"HelloLambdaFunction": "."}


def _named(file: str) -> str:
    return file.replace(".", "_dot_").replace("/", "_in_")


def test_a_module_of_a_python_function_is_its_code(tmp_path: Path) -> None:
    service = one(tmp_path, "handler: a.run, runtime: python3.12, module: part", part_in_a_dot_py="x")
    assert service.assets == {"HelloLambdaFunction": "part"}


def test_an_archive_that_is_there_is_the_code(tmp_path: Path) -> None:
    config = "handler: bootstrap, runtime: provided.al2023, package: {artifact: bin/a.zip}"
    assert one(tmp_path, config, bin_in_a_dot_zip="x").assets == {"HelloLambdaFunction": "bin/a.zip"}


@pytest.mark.parametrize(
    ("config", "files", "reason"),
    [
        ("handler: src/absent.run", {}, "its source src/absent.js is not in the service's folder"),
        ("handler: a.run", {"a.ts": "x"}, "its source a.ts is TypeScript, which has to be compiled first"),
        ("handler: a.run, runtime: python3.12", {"a.js": "x"}, "its source a.py is not in the service's folder"),
        (
            "handler: bin/a, runtime: go1.x",
            {},
            "go1.x runs what is compiled, and its archive has to be built first",
        ),
        ("package: {artifact: a.zip}", {}, "its archive a.zip has to be built first"),
        ("package: {artifact: ../a.zip}", {}, "../a.zip lies outside of the service's folder"),
        ("handler: ../a.run", {}, "../a.js lies outside of the service's folder"),
        ("image: '1.dkr.ecr/x'", {}, "it is a container image, which would have to be built and pushed first"),
        ("runtime: [1]", {}, "its runtime is no text"),
        ("memorySize: '${ssm:/size}'", {}, "${ssm:/size} is a parameter of somebody's account"),
    ],
)
def test_a_function_that_cannot_run_as_it_is_is_left_out_with_the_reason(
    tmp_path: Path, config: str, files: dict[str, str], reason: str
) -> None:
    text = f"{config}, events: [{{schedule: rate(1 hour)}}]"
    service = one(tmp_path, text, **{_named(name): content for name, content in files.items()})
    assert lost(service) == {"HelloLambdaFunction": reason, "hello.schedule": "its function is left out"}
    assert service.lost[0].type == "AWS::Lambda::Function"
    assert service.assets == {}
    assert service.template.get("Resources", {}) == {}


def test_a_function_without_a_handler_is_left_out(tmp_path: Path) -> None:
    service = read(tmp_path, f"{HEAD}functions:\n  hello: {{memorySize: 128}}\n")
    assert lost(service) == {"HelloLambdaFunction": "it does not say its handler"}


@pytest.mark.parametrize("key", ["provisionedConcurrency: 2", "snapStart: true", "destinations: {onSuccess: x}"])
def test_what_belongs_to_a_version_is_left_out_without_the_function(tmp_path: Path, key: str) -> None:
    service = one(tmp_path, key)
    (entry,) = service.lost
    assert entry.name == f"HelloLambdaFunction.{key.split(':', maxsplit=1)[0]}"
    assert "HelloLambdaFunction" in service.template["Resources"]


def test_layers_of_another_account_are_lost_and_those_of_the_service_once(tmp_path: Path) -> None:
    text = (
        f"{HEAD}layers: {{deps: {{path: layer}}}}\nfunctions:\n"
        "  hello: {handler: handler.run, layers: ['arn:aws:lambda:eu-west-1:1:layer:x:1']}\n"
        "  other: {handler: handler.run, layers: [{Ref: DepsLambdaLayer}]}\n"
    )
    assert lost(read(tmp_path, text)) == {
        "HelloLambdaFunction.Layers": "its layers are archives in somebody's account",
        "DepsLambdaLayer": "a layer's archive has to be built first",
    }
