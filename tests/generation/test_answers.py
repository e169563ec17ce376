"""Answers that are no app."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lsqm.generation.claude import MAX_TOKENS
from pytest_lsqm.models import APP_FILES
from tests.generation.desk import FILES, GOOD, Desk, answer, made, reason
from tests.generation.messages_api import MessagesAPI, message, stream

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("_environment")


@pytest.mark.parametrize(
    ("stopped", "why"),
    [
        ({"stop_reason": "max_tokens"}, f"Claude's answer was cut off at {MAX_TOKENS} tokens"),
        (
            {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "cyber"}},
            "Claude refused: cyber",
        ),
        ({"stop_reason": "refusal"}, "Claude refused"),
        ({"stop_reason": "model_context_window_exceeded"}, "the architecture is too large for the model"),
        ({"stop_reason": "pause_turn"}, "Claude stopped in an unexpected way: pause_turn"),
        ({"stop_reason": None}, "Claude's answer broke off before it was complete"),
    ],
)
def test_an_answer_that_did_not_end_is_no_app_even_if_it_reads_like_one(
    stopped: dict[str, Any], why: str, desk: Desk, api: MessagesAPI
) -> None:
    api.messages = [message(json.dumps(FILES), **stopped)]
    first, second = desk.generate(2)
    assert reason(first) == why
    assert made(second).files == FILES
    # What was answered has been paid for; of what broke off nobody knows.
    unknown = stopped["stop_reason"] is None
    assert desk.budget.used == 150 + (api.counted + MAX_TOKENS if unknown else 150)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"conftest.py": "', "not the JSON that was asked for"),
        ("Here are your files!", "not the JSON that was asked for"),
        ("", "not the JSON that was asked for"),
        ("[" * 10_000, "not the JSON that was asked for"),
        ("[]", "no object with the four files"),
        ('{"app.py": "a = 1", "app.py": "a = 2"}', "it has 'app.py' twice"),
    ],
)
def test_an_answer_that_is_not_the_json_asked_for_is_no_app(
    text: str, why: str, desk: Desk, api: MessagesAPI
) -> None:
    api.messages = [message(text)]
    assert why in reason(desk.draft())


@pytest.mark.parametrize(
    "name",
    [
        "../conftest.py",
        "/etc/passwd",
        "./app.py",
        "sub/app.py",
        "..\\app.py",
        "APP.PY",
        "setup.py",
        "app.py\0",
        "",
    ],
)
def test_a_file_of_any_other_name_is_refused_and_nothing_is_written(
    name: str, desk: Desk, api: MessagesAPI, tmp_path: Path
) -> None:
    brief = desk.brief()
    before = sorted(tmp_path.rglob("*"))
    api.messages = [message(json.dumps({**FILES, name: "x = 1\n"}))]
    [draft] = desk.claude().generate([brief])
    assert reason(draft) == f"Claude's answer has a file {name!r}: an app has {', '.join(APP_FILES)} only"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"app__py": None}, "the app lacks app.py"),
        ({"app__py": ["x = 1"]}, "something else than text as app.py"),
        ({"app__py": None, "test_app__py": None}, "the app lacks app.py, test_app.py"),
        ({"test_app__py": "def test_it(:\n"}, "test_app.py is not valid Python"),
        ({"app__py": "x = '\0'"}, "app.py is not valid Python"),
        ({"app__py": "x = '\ud800'"}, "characters in app.py that no file can hold"),
        ({"requirements__txt": "boto3\npytest\n# \ud800"}, "characters in requirements.txt that no file"),
        ({"requirements__txt": "pytest\n"}, "requirements.txt must include boto3"),
        ({"requirements__txt": "boto3\npytest\n--index-url http://127.0.0.1:9\n"}, "'--index-url"),
        ({"requirements__txt": "boto3\npytest\n-r /etc/passwd\n"}, "'-r /etc/passwd' is not a requirement"),
        ({"requirements__txt": "boto3 @ https://evil.io/b.whl\npytest\n"}, "asks for boto3 @ https://evil.io"),
        ({"requirements__txt": "boto3\npytest\nboto4-helpers\n"}, "asks for boto4-helpers: an app may require"),
        ({"test_app__py": "def test_it():\n    pass\n"}, "test_app.py:1: test_it asserts nothing"),
        ({"app__py": "A = '123456789012'\n"}, "app.py:1: a hard-coded account id, 123456789012"),
    ],
)
def test_files_that_are_no_app_are_refused_with_the_reason(
    changes: dict[str, Any], why: str, desk: Desk, api: MessagesAPI
) -> None:
    api.messages = [answer(**changes)]
    assert why in reason(desk.draft())


def test_a_few_well_known_packages_may_be_required(desk: Desk, api: MessagesAPI) -> None:
    api.messages = [answer(requirements__txt="boto3>=1.35\npytest\nRequests\nwebsocket_client  # for the API\n")]
    assert made(desk.draft()).files["requirements.txt"].startswith("boto3>=1.35")


def test_an_answer_that_is_no_message_at_all_does_not_end_the_work(desk: Desk, api: MessagesAPI) -> None:
    bare = {**GOOD, "content": None, "usage": None}
    api.messages = [stream([{"type": "message_start", "message": bare}])]
    first, second = desk.generate(2)
    assert reason(first) == "the API's answer is no message: check ANTHROPIC_BASE_URL"
    made(second)
    # What it has cost is not known, so it counts as all that it may have cost.
    assert desk.budget.used == api.counted + MAX_TOKENS + 150
