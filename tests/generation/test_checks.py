"""Apps that must not be stored, told without running them."""

from __future__ import annotations

import pytest

from pytest_lsqm.generation.checks import objections

GOOD = "def test_it(client):\n    assert client.list_queues()\n"


@pytest.mark.parametrize(
    ("line", "objection"),
    [
        ('KEY = "AKIAIOSFODNN7EXAMPLE"', "a hard-coded access key, AKIAIOSFODNN7EXAMPLE"),
        ('ARN = "arn:aws:sqs:us-east-1:123456789012:q"', "a hard-coded account id, 123456789012"),
        ("ACCOUNT = 123456789012", "a hard-coded account id, 123456789012"),
        ('c = boto3.client("s3", endpoint_url="http://localhost:4566")', "a hard-coded endpoint_url"),
        ('c = boto3.client("s3", aws_secret_access_key="x")', "a hard-coded aws_secret_access_key"),
        ('urlopen("https://evil.io/x")', "an address that is not the emulator's, evil.io"),
        ('urlopen("http://10.0.0.1/latest")', "an address that is not the emulator's, 10.0.0.1"),
    ],
)
def test_what_only_the_deployment_may_know_is_named_with_its_line(line: str, objection: str) -> None:
    (found,) = objections({"app.py": f"\n{line}\n", "test_app.py": GOOD})
    assert found.startswith("app.py:2: ")
    assert objection in found


@pytest.mark.parametrize(
    "line",
    [
        'URL = os.environ["AWS_ENDPOINT_URL"]',
        'PAGE = "https://www.example.com/moved"',
        'client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])',
        'client = boto3.client("s3", endpoint_url=None)',
        'PRINCIPAL = "https://sqs.amazonaws.com"',
        "NUMBER = 1234567890123",
    ],
)
def test_what_is_data_or_comes_from_the_environment_is_no_objection(line: str) -> None:
    assert objections({"app.py": line, "test_app.py": GOOD}) == []


@pytest.mark.parametrize("body", ["pass", "print('ok')", "client.list_queues()", "return True"])
def test_a_test_that_asserts_nothing_is_hollow(body: str) -> None:
    (found,) = objections({"test_app.py": f"def test_it(client):\n    {body}\n"})
    assert "test_it asserts nothing" in found


@pytest.mark.parametrize(
    "body",
    ["assert 1", "with pytest.raises(KeyError):\n        client.x()", "self.assertEqual(1, 1)", "expect_two()"],
)
def test_a_test_that_asserts_in_any_usual_way_is_not(body: str) -> None:
    assert objections({"test_app.py": f"def test_it(client):\n    {body}\n"}) == []


def test_a_number_too_long_for_text_is_no_account() -> None:
    assert objections({"app.py": f"x = 0x{'f' * 5000}\n"}) == []
