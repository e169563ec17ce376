"""What a model answered, made into an app or into the sentence why it is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from packaging.utils import canonicalize_name
from pydantic import ValidationError

from pytest_lsqm.errors import LsqmError
from pytest_lsqm.generation.checks import objections
from pytest_lsqm.models import APP_FILES, TestApp, parse_requirements

PACKAGES = frozenset({"boto3", "botocore", "pg8000", "pymysql", "pytest", "redis", "requests", "websocket-client"})
"""What an app may require: a name that a model made up is a package that anybody may publish."""


class UnusableAnswer(LsqmError):
    """An answer from which no app can be made."""


def files_of(stop_reason: str | None, refusal: str, max_tokens: int, text: str) -> dict[str, str]:
    """Return the files of a complete answer; what is not exactly the four files of an app is unusable."""
    if stop_reason != "end_turn":
        raise UnusableAnswer(_unfinished(stop_reason, refusal, max_tokens))
    try:
        answer = json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswer(f"Claude's answer is not the JSON that was asked for: {error}") from error
    if not isinstance(answer, dict):
        raise UnusableAnswer("Claude's answer is JSON, but no object with the four files of an app")
    # The longest sentence would quote a name as long as the answer itself.
    if unknown := sorted(name[:80] for name in answer if name not in APP_FILES):
        raise UnusableAnswer(f"Claude's answer has a file {unknown[0]!r}: an app has {', '.join(APP_FILES)} only")
    for name, content in answer.items():
        if not isinstance(content, str):
            raise UnusableAnswer(f"Claude's answer has something else than text as {name}")
        try:
            content.encode()
        except UnicodeEncodeError as error:
            raise UnusableAnswer(f"Claude's answer has characters in {name} that no file can hold") from error
    return answer


def app_of(arch_hash: str, files: dict[str, str], model: str, input_tokens: int, output_tokens: int) -> TestApp:
    """Make an app of files, if nothing speaks against it before it has run."""
    try:
        app = TestApp(
            arch_hash=arch_hash,
            generated_at=datetime.now(UTC),
            generator_version=version("pytest-lsqm"),
            model_used=model,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            files=files,
        )
        found = _odd_requirements(files["requirements.txt"]) + objections(files)
    except ValidationError as error:
        raise UnusableAnswer("; ".join(_plain(entry["msg"]) for entry in error.errors())) from error
    if found:
        raise UnusableAnswer("; ".join(found))
    return app


def _unfinished(stop_reason: str | None, refusal: str, max_tokens: int) -> str:
    match stop_reason:
        case None:
            return "Claude's answer broke off before it was complete"
        case "max_tokens":
            return f"Claude's answer was cut off at {max_tokens} tokens"
        case "model_context_window_exceeded":
            return "the architecture is too large for the model"
        case "refusal":
            return f"Claude refused{f': {refusal}' if refusal else ''}"
    return f"Claude stopped in an unexpected way: {stop_reason}"


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"it has {twice[0][:80]!r} twice")
    return dict(pairs)


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def _odd_requirements(text: str) -> list[str]:
    odd = [
        str(wanted)
        for wanted in parse_requirements(text)
        if wanted.url or wanted.extras or canonicalize_name(wanted.name) not in PACKAGES
    ]
    return [
        f"requirements.txt asks for {one}: an app may require {', '.join(sorted(PACKAGES))} only" for one in odd
    ]
