"""Credentials are masked in all that is written or shown: records, reports, messages.

Done once, where a result or a message is made and all judging is over: no verdict ever reads a masked text.
The shapes of tokens are those that gitleaks knows (https://github.com/gitleaks/gitleaks, `config/gitleaks.toml`).
"""

from __future__ import annotations

import functools
import json
import math
import os
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, quote_plus

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MASK = "***"

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PWD|PASSPHRASE|PASS|API_?KEY|KEY|KEY_ID|CREDENTIALS?|AUTH|PAT|DSN)S?$"
    r"|^AWS_(?:ACCESS|SECRET|SESSION)|(?:TOKEN|SECRET|PASSWORD|APIKEY|WEBHOOK)",
    re.IGNORECASE,
)
"""Environment variables whose values are nobody's business."""

_NO_SECRET = re.compile(
    r"arn:[\w-]+:\S+|\d{1,12}|/\S*|\.{1,2}/\S*|[a-z]+://[^@\s/]*(?:/[\w.:-]{0,30})*"
    r"|[a-z]{2}(?:-[a-z]+)+-\d|\$\{.*|.*\*\*\*.*|true|false",
    re.IGNORECASE | re.DOTALL,
)
"""Values that are none, whatever holds them: ARNs, accounts, paths, URLs without a password, regions."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:var|local|data|module|each|self|path|\w*aws_\w+)\.\S*", re.IGNORECASE)

_CERTAIN_KEY = (
    r"(?:passw(?:or)?d|passphrase|secret[_-]?(?:access[_-]?)?key|secret[_-]?string|client[_-]?secret"
    r"|private[_-]?key(?:[_-]?pem)?|(?:auth|access|session|refresh|bearer|security)[_-]?token|api[_-]?key)"
)
_LIKELY_KEY = r"(?:secret|token|credentials?)"
_KEYS = re.compile(rf"(?:(?P<password>{_CERTAIN_KEY})|(?P<token>{_LIKELY_KEY}))$", re.IGNORECASE)
_ASSIGNED = re.compile(
    # What a key may begin with, first: tried at each letter of a log, all the words would take thrice the time.
    rf"(?=[abcprst])(?<!:)(?P<head>(?:(?P<password>{_CERTAIN_KEY})|(?P<token>{_LIKELY_KEY}))"
    r"(?P<end>\\{0,3}[\"'])?\s{0,8}(?:=>|==|=|:)\s{0,3})"
    r"(?:(?P<quote>\\{0,3}[\"'])(?P<quoted>[^\"'\\\s]{6,}?)(?=\\{0,3}[\"'])|(?P<bare>[^\s\"'\\,;&(){}<>\[\]]{8,}))",
    re.IGNORECASE,
)
_IN_KEYS = ("pass", "secret", "token", "cred", "key")
"""Without one of these there is none of the keys above in a text, whatever its case."""

_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (tuple(hints.split()), re.compile(shape))
    for hints, shape in (
        ("AKIA ASIA ABIA ACCA", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
        ("FwoG IQoJ FQoG", r"\b(?:FwoG|IQoJ|FQoG)[A-Za-z0-9/+=]{80,}"),
        ("ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{20,}"),
        ("github_pat_", r"github_pat_[A-Za-z0-9_]{22,}"),
        ("glpat- glptt- gldt- glrt- glcbt-", r"gl(?:pat|ptt|dt|rt|cbt)-[\w-]{20,}"),
        ("xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
        ("xapp-", r"xapp-\d-[A-Za-z0-9-]{20,}"),
        ("hooks.slack.com/", r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[\w+/-]{10,}"),
        ("sk-", r"\bsk-(?:ant-[\w-]{10,}|[A-Za-z0-9_-]{32,})"),
        ("k_live_ k_test_ k_prod_", r"\b[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("pypi-", r"\bpypi-[A-Za-z0-9_-]{32,}"),
        ("AIza", r"\bAIza[\w-]{35}"),
        ("ls-", r"\bls-[A-Za-z0-9]{8}-(?:[A-Za-z0-9]{4}-){3}[A-Za-z0-9]{12}\b"),
        (".atlasv1.", r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
        ("hvs. hvb. hvr.", r"\bhv[sbr]\.[\w-]{24,}"),
        (".ey", r"\bey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+)?"),
        ("earer BEARER", r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{12,}"),
        ("asic BASIC", r"(?i)(?<=basic )(?=[^\s]*[\dA-Z=])[A-Za-z0-9+/]{12,}={0,2}"),
        ("ignature=", r"(?<=ignature=)[0-9a-f]{64}"),
        # What pytest leaves of a token at the end of a line.
        (
            "... …",
            r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-|sk-|npm_|pypi-|AKIA|ASIA|eyJ)[\w+/=.-]{2,200}?(?=\.\.\.|…)",
        ),
        # Of a URL with a password, who owns it may be seen.
        ("://", r"(?<=://)(?P<user>[^\s/:@\"'<>]{0,64}):[^\s/@\"'<>]{1,256}(?=@)"),
    )
)
"""What tokens look like, each with words without which none of that shape can be in a text."""

_KEY_NAME = r"(?:[A-Z0-9 +]|%20){1,40}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)?-----"
_KEY_BEGINS = re.compile(rf"-----BEGIN{_KEY_NAME}")
_KEY_ENDS = re.compile(rf"-----END{_KEY_NAME}")
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=%\\ \t\r\n"
_LONGEST_KEY = 16_000

_SECRET_ACCESS_KEY = re.compile(r"(?<![A-Za-z0-9/+=_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_RANDOM = 4.2
"""Bits per character above which forty letters are chance; those of a hexadecimal hash have less than 4."""

_CUTS = re.compile(r"(\[\.\.\.[^\n]{0,60} cut \.\.\.\]\n?|\.{3}|…)")
"""How Terraform's log, pytest and this product say that they left something out."""
_CUT_FROM = 200
"""Characters of the shortest text that may have been cut at its ends with no word about it."""
_LEAST = 6

_OURS = frozenset(
    {"arch_hash", "run_id", "status", "stage", "kind", "service", "operation", "outcome", "version", "isolation"}
    | {"digest", "digests", "python", "services", "operations", "timed_out_in", "actions", "versions", "emulator"}
)
"""Fields of records whose words are ours or a package's: history compares them, so they stay as they are."""

R = TypeVar("R", bound=BaseModel)


class Masker:
    """Masks what looks like a credential, and each value that is known to be one, in texts and records."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {part for secret in secrets for part in _parts(secret) if _is_secret(part)}
        self._known = _alternatives(sorted(known, key=len, reverse=True))
        self._forms = tuple({form for part in known for form in _forms(part)})

    def text(self, text: str) -> str:
        """Return a text without credentials."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
            text = self._where_it_was_cut(text)
        if "PRIVATE" in text:
            text = _without_private_keys(text)
        for hints, shape in _SHAPES:
            if any(hint in text for hint in hints):
                text = shape.sub(_masked_shape, text)
        folded = text.casefold()
        if any(word in folded for word in _IN_KEYS):
            text = _ASSIGNED.sub(_masked_value, text)
        return _SECRET_ACCESS_KEY.sub(lambda found: MASK if _is_random(found[0]) else found[0], text)

    def value(self, value: Any, key: str = "") -> Any:
        """Return JSON data without credentials; what stands under a key such as `db_password` is one."""
        if isinstance(value, str):
            masked = self.text(value)
            return MASK if names_credential(key, masked) else masked
        if isinstance(value, dict):
            return {self.value(name): self.value(inner, str(name)) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.value(inner, key) for inner in value)
        return value

    def record(self, record: R) -> R:
        """Return a record without credentials in what others have said; what the product itself says stays."""
        fields = dict(record)
        changes = {
            name: self._field(value) for name, value in fields.items() if name not in _OURS and value is not None
        }
        if isinstance(emulator := fields.get("emulator"), BaseModel):
            # Its name and version say what may be compared with what.
            kept = {name: getattr(emulator, name) for name in ("name", "version") if hasattr(emulator, name)}
            changes["emulator"] = self.record(emulator).model_copy(update=kept)
        return record.model_copy(update=changes)

    def _field(self, value: Any) -> Any:
        if isinstance(value, BaseModel):
            return self.record(value)
        if isinstance(value, list | tuple):
            return type(value)(self._field(inner) for inner in value)
        return self.value(value)

    def _where_it_was_cut(self, text: str) -> str:
        """Mask what is left of a known credential where somebody cut through it."""
        parts = _CUTS.split(text)
        last = len(parts) - 1
        for number in range(0, len(parts), 2):
            head, tail = (number > 0, number < last) if len(text) < _CUT_FROM else (True, True)
            for form in self._forms if parts[number] else ():
                part = parts[number]
                at = part.find(form[-_LEAST:], 0, len(form) - 1) if head else -1
                if at >= 0 and form.endswith(part[: at + _LEAST]):
                    parts[number] = part = MASK + part[at + _LEAST :]
                at = part.find(form[:_LEAST], max(len(part) - len(form) + 1, 0)) if tail else -1
                if at >= 0 and form.startswith(part[at:]):
                    parts[number] = part[:at] + MASK
        return "".join(parts)


def mask(text: str) -> str:
    """Return a message without credentials, those of this process's environment among them."""
    return masker().text(text)


def masker(secrets: Iterable[str] = ()) -> Masker:
    """Return a masker that knows the secrets of this process's environment, and these."""
    return _masker(frozenset({*of_environment(os.environ), *secrets}))


@functools.lru_cache(maxsize=8)
def _masker(secrets: frozenset[str]) -> Masker:
    return Masker(secrets)


def of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of the variables that are secret by their names."""
    return (environment[name] for name in environment if _names_secret(name))


@functools.lru_cache(maxsize=1024)
def _names_secret(variable: str) -> bool:
    return _SECRET_NAME.search(variable) is not None


def _parts(secret: str) -> Iterator[str]:
    """Yield a secret and, of one with several lines, each that would give it away: logs indent them."""
    yield secret.strip()
    lines = [line.strip() for line in secret.splitlines()]
    yield from (line for line in lines if len(lines) > 1 and len(line) >= 16)


def _is_secret(text: str) -> bool:
    """Whether a value may be looked for everywhere: a short or an everyday word would be found in all texts."""
    if _NO_SECRET.fullmatch(text):
        return False
    return len(text) >= 8 or (len(text) >= _LEAST and _is_mixed(text))


def _is_mixed(text: str) -> bool:
    kinds = (any(map(kind, text)) for kind in (str.isdigit, str.islower, str.isupper))
    return sum(kinds) >= 2


def _forms(secret: str) -> Iterator[str]:
    """Yield how a secret is usually written: as it is, in JSON, in URLs."""
    yield from (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret))


def _alternatives(secrets: Iterable[str]) -> re.Pattern[str] | None:
    patterns = []
    for secret in secrets:
        # A short one only where it stands alone.
        short = len(secret) < 12
        before = r"(?<![A-Za-z0-9])" if short and secret[0].isalnum() else ""
        after = r"(?![A-Za-z0-9])" if short and secret[-1].isalnum() else ""
        patterns.append(before + "".join(map(_as_written, secret)) + after)
    return re.compile("|".join(patterns)) if patterns else None


def _as_written(letter: str) -> str:
    """Return a pattern for a letter as it may be escaped in JSON, in JSON within JSON, in Python and in URLs."""
    if letter.isascii() and letter.isalnum():
        return letter
    in_url = "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
    escaped = json.dumps(letter)[1:-1].lstrip("\\") or "\\"
    plus = r"|\+" if letter == " " else ""
    return rf"(?:\\{{0,4}}{re.escape(letter)}|\\{{1,4}}{re.escape(escaped)}|(?i:{in_url}){plus})"


def _masked_shape(found: re.Match[str]) -> str:
    return f"{found['user']}:{MASK}" if "user" in found.re.groupindex else MASK


def _without_private_keys(text: str) -> str:
    """Mask private keys, and what is left of those whose begin or end was cut off."""
    told, position = "", 0
    while begin := _KEY_BEGINS.search(text, position):
        told += _without_end_of_key(text[position : begin.start()]) + MASK
        end = _KEY_ENDS.search(text, begin.end(), begin.end() + _LONGEST_KEY)
        if end is not None:
            position = end.end()
        else:
            rest = text[begin.end() : begin.end() + _LONGEST_KEY]
            position = begin.end() + len(rest) - len(rest.lstrip(_KEY_LETTERS))
    return told + _without_end_of_key(text[position:])


def _without_end_of_key(text: str) -> str:
    told, position = "", 0
    while end := _KEY_ENDS.search(text, position):
        told += text[position : end.start()].rstrip(_KEY_LETTERS) + MASK
        position = end.end()
    return told + text[position:]


def _masked_value(found: re.Match[str]) -> str:
    value = found["quoted"] or found["bare"]
    quoted = found["quoted"] is not None
    weak = found["password"] is None or not quoted
    if _NO_SECRET.fullmatch(value) or (weak and not _is_strong(value)):
        return found[0]
    return f"{found['head']}{found['quote'] or ''}{MASK}"


def names_credential(key: str, value: str) -> bool:
    """Whether what stands under this key is a credential, as under `db_password`."""
    found = _KEYS.search(key)
    if found is None or not value or _NO_SECRET.fullmatch(value):
        return False
    return found["password"] is not None or _is_strong(value)


def _is_strong(value: str) -> bool:
    """Whether a word is more like a credential than like a name."""
    if _UUID.fullmatch(value) or _REFERENCE.fullmatch(value):
        return False
    return len(value) >= 8 and any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _is_random(text: str) -> bool:
    counts = Counter(text)
    bits = -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
    return bits > _RANDOM and all(any(map(kind, text)) for kind in (str.isdigit, str.islower, str.isupper))
