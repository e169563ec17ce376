"""What is a credential is masked; what a record is read for stays."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from pytest_lsqm import masking
from pytest_lsqm.masking import MASK, Masker
from tests.corpus.records import result as make_result

LETTERS = "Zz9" * 30
KEY_LINES = "\n".join("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" for _ in range(4))
PRIVATE_KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY_LINES}\n-----END RSA PRIVATE KEY-----"

TOKENS = {
    "AWS access key": "AKIA" + "Q7" * 8,
    "AWS secret key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzTESTKEY9",
    "GitHub": "ghp_" + LETTERS[:36],
    "GitHub, fine-grained": "github_pat_" + LETTERS[:40],
    "GitLab": "glpat-" + LETTERS[:20],
    "Slack": "xoxb-" + "12345678901-" * 2 + LETTERS[:20],
    "Anthropic": "sk-ant-api03-" + LETTERS[:60],
    "npm": "npm_" + LETTERS[:36],
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + LETTERS[:60],
    "LocalStack": "ls-AbCd1234-ab12-cd34-ef56-abcdef123456",
    "JWT": f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{LETTERS[:43]}",
    "private key": PRIVATE_KEY,
}

HARMLESS = [
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-a1B2c3",
    "arn:aws:kms:us-east-1:123456789012:key/7d3d4f6e-6f0b-4a0e-9d1c-0a1b2c3d4e5f",
    "http://127.0.0.1:4566/123456789012/orders",
    "sha1 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "source_code_hash = 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "ClientRequestToken: 123e4567-e89b-12d3-a456-426614174000",
    "secret = aws_secretsmanager_secret.orders2.id",
    "password = var.db_password1",
    'password = "${var.password}"',
    "password: required field is not set",
    "AWS_SECRET_ACCESS_KEY=test AWS_ACCESS_KEY_ID=123456789012",
    "AWS secretsmanager.CreateSecret => 200",
    "aws_iam_access_key.this: Creation complete after 0s [id=AIDAQ7Q7Q7Q7Q7Q7Q7Q7]",
    "tests/test_app.py::test_token[default] PASSED",
    "the token of the page: NextToken=2",
    "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END CERTIFICATE-----",
    "site-packages/localstack/services/secretsmanager/Provider2x.py",
]


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("around", ["{}", "it said '{}', and ended", '{{"message": "{}"}}', "E   + {}\nE   - x"])
def test_a_token_is_masked_wherever_it_stands(token: str, around: str) -> None:
    masked = Masker().text(around.format(token))
    assert masked == around.format(MASK)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_a_record_is_read_for_is_left_alone(text: str) -> None:
    assert Masker().text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('password = "correct-horse"', 'password = "***"'),
        ("db_password=s3cr3tvalue", "db_password=***"),
        ('"SecretString": "abcdef"', '"SecretString": "***"'),
        (r"{\"auth_token\": \"abcdef123\"}", r"{\"auth_token\": \"***\"}"),
        ("{'token': 'abcdef123'}", "{'token': '***'}"),
        ("postgres://orders:tiger@db/x", "postgres://orders:***@db/x"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer ***"),
        ("X-Amz-Signature=" + "ab" * 32, "X-Amz-Signature=***"),
        ("DB_PAS\u017fWORD=s3cr3tvalue", "DB_PAS\u017fWORD=***"),
        *((f"{key}: s3cr3tvalue", f"{key}: ***") for key in ("passwd", "Passphrase", "client-secret", "ApiKey")),
        *((f"{key}: s3cr3tvalue", f"{key}: ***") for key in ("PRIVATE_KEY", "bearer_token", "credentials")),
    ],
)
def test_what_stands_under_a_name_of_a_credential_is_masked(text: str, masked: str) -> None:
    assert Masker().text(text) == masked


def test_a_private_key_is_masked_also_where_it_is_indented_or_cut() -> None:
    assert Masker().text(f"GET /?{quote(PRIVATE_KEY)} HTTP") == "GET /?*** HTTP"
    indented = PRIVATE_KEY.replace("\n", "\nE       ")
    assert Masker().text(f"E       {indented}\nE   end") == "E       ***\nE   end"
    for part in (PRIVATE_KEY[:150], PRIVATE_KEY[-150:]):
        assert "MIIE" not in Masker().text(f"before: {part}\n: after")
        assert "after" in Masker().text(f"before: {part}\n: after")


SECRET = 'correct "horse"\\battery & staple/9'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(json.dumps(SECRET)),
        repr(SECRET),
        quote(SECRET),
        quote(SECRET, safe=""),
    ],
    ids=["plain", "JSON", "JSON in JSON", "Python", "URL", "query"],
)
def test_a_value_that_is_known_is_masked_however_it_is_written(written: str) -> None:
    masked = Masker([SECRET]).text(f"it was {written}.")
    assert "horse" not in masked
    assert masked.startswith("it was ")
    assert masked.endswith(".")


def test_each_line_of_a_known_value_is_masked_since_logs_indent_them() -> None:
    value = "first line of a secret\nsecond line of a secret"
    assert Masker([value]).text("+ first line of a secret\n+ second line of a secret") == "+ ***\n+ ***"


def test_what_is_left_of_a_known_value_where_a_text_was_cut_is_masked_too() -> None:
    secret = "abcdefghij0123456789KLMNOPQRST"
    filler = "a line of a log\n" * 20
    for cut in range(6, len(secret)):
        for text in (
            secret[-cut:] + filler,
            f"[... 99 characters cut ...]\n{secret[-cut:]}{filler}",
            filler + secret[:cut],
            f"{filler}{secret[:cut]}…",
        ):
            masked = Masker([secret]).text(text)
            assert secret[:cut] not in masked
            assert secret[-cut:] not in masked
            assert filler in masked


@pytest.mark.parametrize(
    "value", ["", "test", "true", "123456789012", "us-east-1", "/home/me/key", "arn:aws:sqs:x:y:z"]
)
def test_a_value_that_is_everywhere_or_no_secret_is_not_looked_for(value: str) -> None:
    text = f"deployed {value} and more"
    assert Masker([value]).text(text) == text


def test_a_short_value_is_masked_only_where_it_stands_alone() -> None:
    assert Masker(["hunter2"]).text("hunter2 hunter22 'hunter2'") == "*** hunter22 '***'"


def test_the_environment_names_its_secrets() -> None:
    environment = {
        "GITHUB_TOKEN": "one",
        "LOCALSTACK_AUTH_TOKEN": "two",
        "ANTHROPIC_API_KEY": "three",
        "DB_PASSWORD": "four",
        "SLACK_WEBHOOK_URL": "seven",
        "AWS_SECRET_ACCESS_KEY": "five",
        "CLIENT_SECRET_PROD": "six",
        "PATH": "no",
        "KEYBOARD": "no",
        "LSQM_CACHE": "no",
        "AUTHOR": "no",
    }
    assert sorted(masking.of_environment(environment)) == sorted(
        ["one", "two", "three", "four", "five", "six", "seven"]
    )


def test_a_message_is_masked_by_the_environment_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "first-value-1")
    assert masking.mask("first-value-1 second-value-2") == "*** second-value-2"
    monkeypatch.setenv("SOME_TOKEN", "second-value-2")
    assert masking.mask("first-value-1 second-value-2") == "first-value-1 ***"


def test_a_record_keeps_its_kind_and_all_that_history_compares() -> None:
    result = make_result(
        status="FAILED",
        error_message="the password is localstack-host",
        emulator={"name": "localstack-host", "version": "4.14.0", "chosen_because": "of localstack-host"},
        terraform_apply={
            "success": True,
            "resources_created": 1,
            "outputs": {"url": "localstack-host", "db_password": "x", "list": [{"token": "abcdef123"}], "n": 3},
            "logs": "sqs",
        },
        versions={"boto3": "localstack-host"},
    )
    masked = Masker(["localstack-host", result.run_id, "FAILED", result.arch_hash]).record(result)
    assert type(masked) is type(result)
    assert (masked.arch_hash, masked.run_id, masked.status) == (result.arch_hash, result.run_id, "FAILED")
    assert masked.versions == result.versions
    assert masked.services == result.services
    assert masked.emulator is not None
    assert (masked.emulator.name, masked.emulator.version) == ("localstack-host", "4.14.0")
    assert masked.emulator.chosen_because == "of ***"
    assert masked.error_message == "the password is ***"
    assert masked.terraform_apply is not None
    assert masked.terraform_apply.outputs == {
        "url": MASK, "db_password": MASK, "list": [{"token": MASK}], "n": 3,
    }  # fmt: skip
    assert type(result).model_validate_json(masked.model_dump_json()) == masked


def test_what_is_masked_is_masked_once() -> None:
    masker = Masker(["hunter2hunter2"])
    text = f'password = "hunter2hunter2" {TOKENS["GitHub"]} https://a:b@c {PRIVATE_KEY}'
    assert masker.text(masker.text(text)) == masker.text(text)
