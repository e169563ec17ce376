"""The generator that asks Claude: streams for a few architectures, the Message Batches API for more."""

from __future__ import annotations

import os
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lsqm.errors import LsqmError, UsageError
from pytest_lsqm.generation import access, answers, prompt
from pytest_lsqm.generation.base import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import anthropic

    from pytest_lsqm.generation.base import Brief
    from pytest_lsqm.generation.budget import Budget
    from pytest_lsqm.models import TestApp

DEFAULT_MODEL = "claude-sonnet-5-5"
MAX_TOKENS = 32_000
"""Of one answer, the model's thinking included; an app takes about 5 000."""

BATCH_ABOVE = 3
"""A batch costs half, but may take an hour: not worth the wait for a few architectures."""

RETRIES = 4
"""Of a request that was not accepted; the SDK waits as `retry-after` says, else half a second and then longer."""

POLL = 15.0
PATIENCE = 3600.0
WIND_DOWN = 300.0
"""Seconds between two looks at a batch, until it is cancelled, and until a cancelled one must have ended."""

MAX_SAID = 300
"""Characters of what a server said that reach a reason."""


@dataclass(frozen=True)
class Ask:
    """A request for one app that fits the budget, with the tokens that earlier rounds for it have used."""

    brief: Brief
    params: Mapping[str, Any]
    counted: int
    before: tuple[int, int] = (0, 0)

    @property
    def tokens(self) -> int:
        """What the request may use at most."""
        return self.counted + MAX_TOKENS

    @property
    def label(self) -> str:
        """What a person calls the architecture."""
        return self.brief.architecture.name or self.brief.architecture.hash

    def failed(self, reason: str) -> Draft:
        """Say why there is no app."""
        return Draft(self.brief.architecture.hash, reason=reason)


class ClaudeGenerator:
    """Makes apps by asking Claude, within a budget of tokens."""

    name = "claude"
    needs_deployment = False

    def __init__(
        self,
        budget: Budget,
        *,
        model: str | None = None,
        tell: Callable[[str], None],
        poll: float = POLL,
        patience: float = PATIENCE,
        retries: int = RETRIES,
    ) -> None:
        try:
            import anthropic
        except ImportError as error:
            raise UsageError(
                "the generator `claude` needs the package anthropic: pip install 'pytest-lsqm[claude]'"
            ) from error
        self._budget = budget
        self._model = model or os.environ.get("LSQM_CLAUDE_MODEL") or DEFAULT_MODEL
        self._tell = tell
        self._poll = poll
        self._patience = patience
        self._key = access.api_key()
        # The key is given, so the SDK looks for no other credentials on this machine.
        self._client = anthropic.Anthropic(api_key=self._key, base_url=access.base_url(), max_retries=retries)

    def generate(self, briefs: Sequence[Brief]) -> Iterator[Draft]:
        """Yield a draft for each brief; those that the budget does not cover are named without being asked for."""
        waiting = deque(briefs)
        together = len(waiting) > BATCH_ABOVE
        while waiting:
            asks: list[Ask] = []
            wanted = 0
            while waiting and (together or not asks):
                ask = self._count(waiting[0], [prompt.asking(waiting[0])])
                if isinstance(ask, Draft):
                    yield ask
                elif self._budget.reserve(ask.tokens):
                    asks.append(ask)
                else:
                    wanted = ask.tokens
                    break
                waiting.popleft()
            if wanted and not asks:
                reason = self._budget.exhausted(wanted, len(waiting))
                yield from (Draft(brief.architecture.hash, reason=reason) for brief in waiting)
                return
            yield from self._batch(asks) if len(asks) > BATCH_ABOVE else map(self._stream, asks)

    def repair(self, brief: Brief, app: TestApp, reasons: Sequence[str]) -> Draft | None:
        """Show Claude its app and what the gate said of it; the tokens of both rounds are the new app's."""
        ask = self._count(
            brief, prompt.asking_again(brief, app, reasons), before=(app.input_tokens, app.output_tokens)
        )
        if isinstance(ask, Draft):
            return ask
        if not self._budget.reserve(ask.tokens):
            return ask.failed(self._budget.exhausted(ask.tokens, 1))
        return self._stream(ask)

    # Requests

    def _count(
        self, brief: Brief, messages: list[dict[str, Any]], before: tuple[int, int] = (0, 0)
    ) -> Ask | Draft:
        params: dict[str, Any] = {
            "model": self._model,
            # A text of a given form, not a tool that must be called: models that always think refuse the latter.
            "output_config": {"format": {"type": "json_schema", "schema": prompt.SCHEMA}},
            "system": [{"type": "text", "text": prompt.SYSTEM, "cache_control": {"type": "ephemeral"}}],
            "messages": messages,
        }
        try:
            counted = int(self._client.messages.count_tokens(**params).input_tokens)
        except Exception as error:
            return Draft(brief.architecture.hash, reason=self._reason(error))
        return Ask(brief, {**params, "max_tokens": MAX_TOKENS}, counted, before)

    def _stream(self, ask: Ask) -> Draft:
        self._tell(f"Claude writes the app of {ask.label} ({ask.counted} tokens to read)")
        answering = False
        try:
            with self._client.messages.stream(**ask.params) as stream:
                answering = True
                message = stream.get_final_message()
        except Exception as error:
            # Nobody says what an answer has cost that broke off.
            self._budget.charge(ask.tokens, *((ask.counted, MAX_TOKENS) if answering else (0, 0)))
            return ask.failed(self._reason(error, answering=answering))
        return self._read(ask, message)

    def _read(self, ask: Ask, message: anthropic.types.Message) -> Draft:
        try:
            spent = _spent(message)
        except (AttributeError, TypeError):
            spent = None
        # An answer that does not say what it has cost, or broke off before it did, has cost all that it may.
        spent = spent or (ask.counted, MAX_TOKENS)
        self._budget.charge(ask.tokens, *spent)
        read, written = (now + earlier for now, earlier in zip(spent, ask.before, strict=True))
        try:
            details = message.stop_details
            refusal = self._safe((details.explanation or details.category or "") if details else "")
            text = "".join(block.text for block in message.content if block.type == "text")
            files = answers.files_of(message.stop_reason, refusal, MAX_TOKENS, text)
            app = answers.app_of(ask.brief.architecture.hash, files, message.model, read, written)
        except answers.UnusableAnswer as error:
            return ask.failed(str(error))
        except (AttributeError, TypeError):
            return ask.failed("the API's answer is no message: check ANTHROPIC_BASE_URL")
        return Draft(app.arch_hash, app=app)

    # Batches

    def _batch(self, asks: Sequence[Ask]) -> Iterator[Draft]:
        by_id = {f"{ask.brief.architecture.hash}-{number}": ask for number, ask in enumerate(asks)}
        requests: Any = [{"custom_id": key, "params": ask.params} for key, ask in by_id.items()]
        try:
            batch = self._client.messages.batches.create(requests=requests)
        except Exception as error:
            reason = f"the batch was not accepted: {self._reason(error)}"
            for ask in asks:
                self._budget.release(ask.tokens)
            yield from (ask.failed(reason) for ask in asks)
            return
        self._tell(f"Claude writes {len(asks)} apps in the batch {batch.id}; that may take up to an hour")
        trouble = self._wait(batch.id)
        results = {} if trouble else self._results(batch.id)
        missing = trouble or "the batch ended without a result for it"
        # All of them before the first is handed out: its repair may need what the others did not use.
        yield from [self._settle(ask, results.get(key), missing) for key, ask in by_id.items()]

    def _wait(self, batch_id: str) -> str | None:
        """Wait for a batch to end, in the end by cancelling it; None, or the sentence why it did not."""
        batches = self._client.messages.batches
        try:
            if self._ended(batch_id, self._patience):
                return None
            self._tell(f"the batch {batch_id} took longer than {self._patience:g} s and is cancelled")
            batches.cancel(batch_id)
            if self._ended(batch_id, min(self._patience, WIND_DOWN)):
                return None
        except BaseException as error:
            # Nobody will fetch what it would go on to produce, and to charge for.
            with suppress(Exception):
                self._client.with_options(max_retries=0, timeout=10.0).messages.batches.cancel(batch_id)
            if isinstance(error, Exception):
                return self._reason(error)
            raise
        return f"the batch {batch_id} was cancelled after {self._patience:g} s and did not end"

    def _ended(self, batch_id: str, seconds: float) -> bool:
        import anthropic

        passing = (anthropic.APIConnectionError, anthropic.InternalServerError, anthropic.RateLimitError)
        deadline = time.monotonic() + seconds
        while True:
            with suppress(*passing):  # what is under way outlives a server that stumbles
                if self._client.messages.batches.retrieve(batch_id).processing_status == "ended":
                    return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(self._poll)

    def _results(self, batch_id: str) -> dict[str, Any]:
        """Return the results by their ids, which come in any order; a download that breaks is begun again."""
        found: dict[str, Any] = {}
        for _ in range(3):
            with suppress(Exception):
                for line in self._client.messages.batches.results(batch_id):
                    found[line.custom_id] = line.result
                break
        return found

    def _settle(self, ask: Ask, result: Any, missing: str) -> Draft:
        kind = getattr(result, "type", None)
        if kind == "succeeded":
            return self._read(ask, result.message)
        # What failed in a batch is not charged for; of what is lost nobody knows.
        used = (0, 0) if kind in {"errored", "canceled", "expired"} else (ask.counted, MAX_TOKENS)
        self._budget.charge(ask.tokens, *used)
        match kind:
            case "errored":
                said = ""
                with suppress(AttributeError):
                    said = f": {result.error.error.type}: {result.error.error.message}"
                return ask.failed(f"the API could not do it{self._safe(said)}")
            case "canceled":
                return ask.failed("the batch was cancelled before its turn: try again")
            case "expired":
                return ask.failed("the batch expired before its turn: try again")
        return ask.failed(missing)

    # Failures

    def _reason(self, error: Exception, *, answering: bool = False) -> str:
        """Return why a request failed, or raise what would fail every other one too.

        Any exception may come: the SDK builds its answers without looking at them, and lets what the connection
        raises through once an answer has begun. None of them may end the work on the other architectures.
        """
        import anthropic

        said = self._safe(getattr(error, "api_message", None) or "")
        code = getattr(error, "error_code", None) or ""
        told = f" ({said})" if said else ""
        if isinstance(error, anthropic.AuthenticationError | anthropic.PermissionDeniedError):
            raise LsqmError(
                f"the API rejects the key in ANTHROPIC_API_KEY{told}: put a valid key there, "
                f"with access to {self._model}"
            ) from None
        if isinstance(error, anthropic.PaymentRequiredError) or code.endswith("spend_limit_reached"):
            raise LsqmError(f"the account of ANTHROPIC_API_KEY has no credit left{told}: add some") from None
        if isinstance(error, anthropic.NotFoundError):
            raise LsqmError(
                f"the API does not know what it was asked for{told}: check the model, {self._model} "
                "(LSQM_CLAUDE_MODEL), and ANTHROPIC_BASE_URL"
            ) from None
        if answering:
            return f"Claude's answer broke off before it was complete{told or f' ({type(error).__name__})'}"
        if isinstance(error, anthropic.APIStatusError):
            return f"the API answered {error.status_code}{told}"
        if isinstance(error, anthropic.APIConnectionError):
            return "the API cannot be reached: check the network, the proxy and ANTHROPIC_BASE_URL"
        return f"the API's answer cannot be read ({type(error).__name__}): check ANTHROPIC_BASE_URL"

    def _safe(self, text: str) -> str:
        """Return one bounded line of what a server said, without the key that it may have repeated."""
        return " ".join(str(text).replace(self._key, "***").split())[:MAX_SAID]


def _spent(message: anthropic.types.Message) -> tuple[int, int] | None:
    """Return what an answer has cost if it is complete; what the cache took or gave is input as well."""
    usage = message.usage
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return (usage.input_tokens + cached, usage.output_tokens) if message.stop_reason else None
