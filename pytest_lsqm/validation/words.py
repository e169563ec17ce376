"""The words by which Terraform, providers, SDKs and emulators name what went wrong; nobody gives it structure."""

from __future__ import annotations

import re

MACHINE = re.compile(
    r"no space left on device|cannot allocate memory|too many open files|no such host|network is unreachable"
    r"|could not connect to .*registry|failed to install provider|Failed to load plugin schemas"
    r"|could not download module|Failed to download module|No module named 'localstack|was killed by SIGKILL"
    r"|Failed to query available provider packages(?!.*no available releases match)",
    re.IGNORECASE,
)
"""A machine that lacks something, in what Terraform or an emulator's start says."""

MACHINE_IN_ANSWER = re.compile(
    r"Installation of .{1,80} failed|Unable to (?:find|locate) (?:a )?(?:docker|container)|Docker not available"
    r"|Cannot connect to the Docker daemon|No space left on device|Too many open files",
    re.IGNORECASE,
)
"""A machine that lacks something, in an emulator's answer."""

SDK_TOO_NEW = re.compile(r"Operation detection failed|Unable to parse request.{0,40}protocol", re.IGNORECASE)
"""An emulator that does not understand the protocol in which an SDK of a later day asks."""

GAP = re.compile(
    r"not (?:yet )?(?:been )?(?:currently )?implemented|NotImplemented"
    r"|not (?:yet )?(?:been )?(?:available|included) (?:with)?in your (?:current )?licen[sc]e"
    r"|pro feature|not available in the community"
    r"|UnknownOperation|Unknown ?(?:[\w-]+ ){0,4}(?:operation|action|path)\b|InvalidAction"
    r"|Unsupported (?:operation|action|service)"
    r"|is not a valid (?:operation|action)|service is not (?:enabled|supported|available)"
    r"|The requested URL was not found on the server",
    re.IGNORECASE,
)
"""An operation that an emulator says it does not have, or not in this edition."""

TOOLING = re.compile(
    r"Unsupported Terraform Core version|no available releases match|Unsupported argument|Unsupported block type"
    r"|Invalid resource type|Invalid data source|does not support (?:resource type|data source)"
    r"|Incompatible provider version|Failed to query available provider packages|incompatible with this version"
    r"|Provider .* does not support|Invalid provider configuration|Unsupported attribute",
    re.IGNORECASE,
)
"""A configuration that wants another version of Terraform or of a provider."""

ARCHITECTURE = re.compile(
    r"No value for required variable|Invalid value for (?:input )?variable|Reference to undeclared"
    r"|Missing required argument|Insufficient .* blocks|Invalid function argument|Error in function call"
    r"|Duplicate (?:resource|variable|output|local|provider|module|data)|^Cycle:|Invalid reference"
    r"|Invalid (?:for_each|count) argument|Module not (?:found|installed)|Invalid index|Invalid template"
    r"|Unreadable module|Call to unknown function|Incorrect attribute value type|Conflicting configuration"
    r"|Inconsistent conditional result types|Argument or block definition required|Invalid expression"
    r"|Missing resource instance key|Invalid operand|Self-referential"
    r"|expected .* to be one of|no such file or directory|Resource precondition failed"
    r"|Resource postcondition failed|Invalid combination",
    re.IGNORECASE | re.MULTILINE,
)
"""A configuration that no version of anything would take."""

AWS_ERROR = re.compile(r"status code: \d{3}|StatusCode: \d{3}|request id:|RequestID:|api error ", re.IGNORECASE)
"""An answer of a service, in the words of the SDK for Go of either generation."""

BROKEN_ANSWER = re.compile(
    r"SerializationError|deserialization failed|failed to decode|failed (?:to )?(?:decod|unmarshal|pars)"
    r"|XML syntax error|invalid character|unexpected end of JSON|unexpected EOF"
    r"|plugin (?:did not respond|crashed)|panic:|The plugin encountered an error"
    r"|Provider produced (?:inconsistent|invalid|an unexpected)|inconsistent result after apply"
    r"|Root object was present"
    r"|[Cc]ouldn't find resource|empty (?:result|response|output)",
)
"""A provider that fell over an answer, or found gone what had just been made."""

OF_RESOURCE = re.compile(r"(?:When applying changes to|produced an invalid new value for) (\S+?)[,.:]?\s")
"""Terraform's own words for the resource over which a provider fell."""

NO_ANSWER = re.compile(
    r"connection reset|connection refused|EOF|Connection was closed|Could not connect to the endpoint"
    r"|Connection aborted|RemoteDisconnected|timed? ?out",
    re.IGNORECASE,
)

NO_SESSION = re.compile(
    r"^the app is broken|no test was collected|the app has no tests|tests skipped themselves"
    r"|no test failed, but|no app could be written"
)
"""Verdicts of `subsession.record` and `verdict` on an app whose session says nothing."""

APP = re.compile(
    r"(?:NameError|ImportError|ModuleNotFoundError|AttributeError|SyntaxError|IndentationError|UnboundLocalError"
    r"|TypeError: \w+\(\)|ParamValidationError|Parameter validation failed|fixture '[^']*' not found"
    r"|UnknownServiceError|NoRegionError)[^\n]*"
)
"""Errors of Python, or of an SDK before it asks: no emulator has a part in them."""

TEST_TIMEOUT = re.compile(r"Timeout \(?>\s*[\d.]+")
"""pytest-timeout, when it ends a single test."""

_MESSAGE = re.compile(r'"[Mm]essage"\s*:\s*"((?:[^"\\]|\\.)*)"|<Message>([^<]*)</Message>')


def message(body: str) -> str:
    """Return AWS's message in the body of an error."""
    found = _MESSAGE.search(body)
    return (found[1] or found[2] or "").strip() if found else ""


def not_written(logs: str, operation: str) -> list[str]:
    """Return the lines of a log in which an emulator's own code says that it does not have an operation."""
    name = operation.rpartition(".")[2]
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    said = (line.strip()[:300] for line in logs.splitlines() if "NotImplementedError" in line)
    return [line for line in said if name and (name in line or snake in line)][:3]
