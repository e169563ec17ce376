"""What is taken out of a text before it leaves, and what is not."""

from __future__ import annotations

import pytest

from pytest_lsqm.masking import MASK
from pytest_lsqm.outreach import secrets

CANARY = "canary-4711-xyz"


@pytest.mark.parametrize(
    "text",
    [
        f'password = "{CANARY}"',
        f"master_password={CANARY}",
        f'"secret_string": "{CANARY}"',
        f"auth-token: '{CANARY}'",
        f"password: {CANARY}",
        f"AWS_SECRET_ACCESS_KEY={CANARY}",
        f"https://user:{CANARY}@example.com/x",
        f"https://{CANARY}@example.com/x",
        f"Authorization: Bearer {CANARY}",
        f"see https://hooks.slack.com/services/T0/B0/{CANARY}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n(cut",
        f"sk-ant-{CANARY}",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str) -> None:
    assert CANARY not in secrets.hide(f"before {text} after")
    assert secrets.hide(f"before {text}").startswith("before ")
    assert secrets.holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "secretsmanager.CreateSecret => 500 InternalError",
        "InvalidClientTokenId: The security token included in the request is invalid",
        "aws_secretsmanager_secret.this: Creation errored",
        "http://127.0.0.1:4566/000000000000/orders",
        "sqs.CreateQueue => 500 (InternalError)",
        "arn:aws:sqs:us-east-1:000000000000:orders",
        "a basic queue, the bearer of news",
    ],
)
def test_what_an_emulator_says_stays_as_it_is(text: str) -> None:
    assert secrets.hide(text) == text


def test_the_secrets_of_this_process_are_taken_out_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    monkeypatch.setenv("SOME_TOKEN", CANARY[:9])
    monkeypatch.setenv("ORDINARY", "harmless")
    monkeypatch.setenv("SHORT_TOKEN", "sqs")
    assert secrets.hide(f"sqs harmless x{CANARY}x") == f"sqs harmless x{MASK}x"
