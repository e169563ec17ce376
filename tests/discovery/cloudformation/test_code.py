"""The code of functions: written in the template, beside it, in an account, or to be built first."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lsqm.discovery.cloudformation.code import ASSETS
from tests.discovery.cloudformation.support import convert, lost

QUEUE: tuple[str, dict[str, Any]] = ("AWS::SQS::Queue", {})


def function(code: Any, runtime: str = "python3.8", metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = {"Role": "r", "Handler": "index.handler", "Runtime": runtime, "Code": code}
    return {"Type": "AWS::Lambda::Function", "Properties": properties, "Metadata": metadata or {}}


def beside(path: str) -> dict[str, str]:
    return {"S3Bucket": ASSETS, "S3Key": path}


def archive(text: str) -> str:
    return " ".join(text.partition('data "archive_file" "f" {')[2].partition("\n}\n")[0].split())


@pytest.mark.parametrize(("runtime", "suffix"), [("python3.8", "py"), ("nodejs14.x", "js")])
def test_code_in_the_template_becomes_a_file(runtime: str, suffix: str) -> None:
    conversion = convert({"F": function({"ZipFile": "print('${x}')"}, runtime)})
    assert conversion.files[f"functions/F/index.{suffix}"] == "print('${x}')\n"
    text = conversion.files["main.tf"]
    assert archive(text) == (
        f'type = "zip" source_file = "${{path.module}}/functions/F/index.{suffix}" '
        'output_path = "${path.module}/build/f.zip"'
    )
    assert "filename         = data.archive_file.f.output_path" in text
    assert 'source  = "hashicorp/archive"' in text


def test_code_that_names_a_resource_is_written_when_it_is_known() -> None:
    code = {"ZipFile": {"Fn::Sub": "queue = '${Q}'"}}
    conversion = convert({"F": function(code), "Q": QUEUE})
    assert list(conversion.files) == ["main.tf"]
    assert "content  = \"queue = '${aws_sqs_queue.q.id}'\"" in conversion.files["main.tf"]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("src", 'source_dir = "${path.module}/src"'),
        ("src/app.py", 'source_file = "${path.module}/src/app.py"'),
        (".", 'source_dir = path.module excludes = ["main.tf", "variables.tf"'),
    ],
)
def test_code_beside_the_template_is_packed(path: str, written: str) -> None:
    conversion = convert({"F": function(beside(path))})
    found = archive(conversion.files["main.tf"]).replace("[ ", "[")
    assert written in found
    assert conversion.assets == (path,)


def test_an_archive_is_taken_as_it_is() -> None:
    conversion = convert({"F": function(beside("app.jar"), "java11")})
    assert 'filename         = "${path.module}/app.jar"' in conversion.files["main.tf"]
    assert 'source_code_hash = filebase64sha256("${path.module}/app.jar")' in conversion.files["main.tf"]
    assert "archive_file" not in conversion.files["main.tf"]


def test_an_image_is_named() -> None:
    image = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": "r", "PackageType": "Image", "Code": {"ImageUri": "i"}},
    }
    assert 'image_uri     = "i"' in convert({"F": image}).files["main.tf"]


@pytest.mark.parametrize(
    "given",
    [
        function({"S3Bucket": "b", "S3Key": "k"}),
        function({"ZipFile": "class A {}"}, "java11"),
        function(beside("src"), "java11"),
        function(beside("src"), "provided.al2"),
        function(beside("src"), metadata={"BuildMethod": "esbuild"}),
        function(beside("../other")),
        function(beside("/etc")),
        function("code"),
        {"Type": "AWS::Lambda::Function", "Properties": {"Role": "r"}},
    ],
)
def test_without_code_there_is_no_function(given: dict[str, Any]) -> None:
    assert lost(convert({"F": given, "Q": QUEUE})) == {"F": "it has no code"}


def test_the_callers_path_of_the_code_comes_first() -> None:
    code = function({"S3Bucket": {"Fn::Sub": "cdk-${AWS::AccountId}"}, "S3Key": "abc.zip"})
    assert convert({"F": code}, assets={"F": "asset.abc.zip"}).assets == ("asset.abc.zip",)


@pytest.mark.parametrize(
    ("runtime", "version"),
    [("python3.8", "~> 3.39"), ("python3.12", "~> 5.0"), ("python9.9", "~> 6.0"), ({"Ref": "R"}, "~> 5.0")],
)
def test_a_runtime_wants_the_provider_that_knows_it(runtime: Any, version: str) -> None:
    parameters = {"R": {"Type": "String", "Default": "nodejs20.x"}}
    text = convert({"F": function(beside("a.zip"), runtime)}, Parameters=parameters).files["main.tf"]
    assert f'version = "{version}"' in text


def test_layers_are_kept_where_they_are_the_templates_own() -> None:
    layer = ("AWS::Lambda::LayerVersion", {"Content": beside("layer.zip"), "CompatibleRuntimes": ["python3.8"]})
    given = function(beside("a.zip"))
    given["Properties"]["Layers"] = [{"Ref": "L"}, "arn:aws:lambda:us-east-1:1:layer:other:1"]
    conversion = convert({"L": layer, "F": given})
    assert "layers           = [aws_lambda_layer_version.l.arn]" in conversion.files["main.tf"]
    assert conversion.conversion.lost_properties == ("F.Layers",)
    assert conversion.assets == ("layer.zip", "a.zip")


def test_a_layer_that_has_to_be_built_has_no_content() -> None:
    layer = {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {"Content": beside("l")},
        "Metadata": {"BuildMethod": "x"},
    }
    assert lost(convert({"L": layer, "Q": QUEUE})) == {"L": "it has no content"}
