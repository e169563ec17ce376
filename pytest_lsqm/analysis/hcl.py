"""Terraform's two syntaxes, read into `values`; the only module that knows python-hcl2.

Read from the parser's own syntax tree, which costs less than half of `hcl2.loads` and keeps what its
dictionaries lose: lines, and the difference between a string, a reference and an expression.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lsqm.analysis import templates
from pytest_lsqm.analysis.values import Block, Body, Call, Expression, Reference, Value
from pytest_lsqm.errors import AnalysisError

if TYPE_CHECKING:
    from lark import Tree

    Node = Tree[Any]

_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "action": 2,
    "variable": 1, "output": 1, "module": 1, "provider": 1, "check": 1,
}  # fmt: skip
"""How many labels a block has in the JSON syntax, which cannot show it; those not named have none."""

_NESTED = {
    ("terraform", "required_providers"): 0, ("terraform", "backend"): 1, ("terraform", "cloud"): 0,
    ("resource", "provisioner"): 1, ("removed", "provisioner"): 1, ("check", "data"): 2,
}  # fmt: skip
"""The nested blocks that matter to us; in JSON all others stay attributes whose value is an object."""

_MAX_DEPTH = 100
"""Blocks inside blocks: few enough that everything that walks through them later can do so."""

_LITERALS: dict[str, Value] = {"true": True, "false": False, "null": None}


def parse(text: str, file: str) -> Body:
    """Read native syntax; `file` is the name that an AnalysisError gives to the place."""
    try:
        return _body(_tree(text, file), file)
    except (RecursionError, ValueError) as error:  # ValueError: a number of more than 4300 digits
        what = (
            "blocks or values are nested too deeply"
            if isinstance(error, RecursionError)
            else "numbers are too long"
        )
        raise AnalysisError(f"{file}: its {what} to be read; simplify it.") from error


def parse_json(text: str, file: str) -> Body:
    """Read Terraform's JSON syntax, templates in its strings included."""
    document = read_json(text, file)
    try:
        return Body(blocks=tuple(block for kind in document for block in _json_top(kind, document[kind], file)))
    except RecursionError as error:
        raise AnalysisError(f"{file}: its values are nested too deeply to be read; simplify it.") from error


def read_json(text: str, file: str) -> dict[str, Any]:
    """Read a file that holds one JSON object."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise AnalysisError(f"{file}:{error.lineno}: not valid JSON: {error.msg}; correct it there.") from error
    except (RecursionError, ValueError) as error:
        raise AnalysisError(f"{file}: its values cannot be read ({error}); simplify it.") from error
    if not isinstance(document, dict):
        raise AnalysisError(f"{file}: holds no JSON object at its top; Terraform's JSON syntax wants one.")
    return document


def _tree(text: str, file: str) -> Node:
    import hcl2
    from lark.exceptions import LarkError, UnexpectedInput

    try:
        tree: Node = hcl2.parses_to_tree(text)
    except UnexpectedInput as error:
        where = f"{file}:{error.line}" if getattr(error, "line", 0) > 0 else f"{file}, at its end"
        token = str(getattr(error, "token", "") or getattr(error, "char", "")).strip().splitlines()
        what = f"did not expect {token[0][:40]!r}" if token else "it ends in the middle of a block or value"
        raise AnalysisError(
            f"{where}: cannot be read as HCL: {what}; correct it there (`terraform fmt` names the same place)."
        ) from error
    except LarkError as error:
        raise AnalysisError(f"{file}: cannot be read as HCL: {str(error).splitlines()[0]}") from error
    return tree


def _trees(node: Node) -> list[Node]:
    return [child for child in node.children if hasattr(child, "data") and child.data != "new_line_or_comment"]


def _body(node: Node, file: str, depth: int = 0) -> Body:
    if depth > _MAX_DEPTH:
        raise RecursionError
    if node.data == "start":
        node = _trees(node)[0]
    attributes: dict[str, Value] = {}
    blocks = []
    for child in _trees(node):
        if child.data == "attribute":
            name, value = _trees(child)
            attributes[_word(name)] = _value(value)
        else:
            kind, *labels, body = _trees(child)
            names = tuple(_label(label) for label in labels)
            blocks.append(Block(_word(kind), names, _body(body, file, depth + 1), file, child.meta.line))
    return Body(attributes, tuple(blocks))


def _word(node: Node) -> str:
    return str(node.children[0])


def _label(node: Node) -> str:
    value = _string(node) if node.data == "string" else _word(node)
    return value if isinstance(value, str) else ""


def _value(node: Node) -> Value:  # noqa: PLR0911 - one return for each rule of the grammar
    kind = str(node.data)
    match kind:
        case "expr_term" if len(inner := _trees(node)) == 1:
            return _value(inner[0])
        case "string":
            return _string(node)
        case "int_lit":
            return int(_word(node))
        case "float_lit":
            return float(_word(node))
        case "literal_value":
            return _LITERALS[_word(node)]
        case "identifier" | "keyword":
            return Reference((_word(node),))
        case "tuple":
            return tuple(_value(child) for child in _trees(node))
        case "object":
            return _object(node)
        case "function_call":
            return _call(node)
        case "heredoc_template" | "heredoc_template_trim":
            return templates.template(_heredoc(_word(node), trim=kind.endswith("trim")), expression)
        case "get_attr_expr_term":
            base, attribute = _trees(node)
            value = _value(base)
            name = _word(_trees(attribute)[0])
            return Reference((*value.path, name)) if isinstance(value, Reference) else Expression(kind, (value,))
        case "unary_op":
            operand = _value(_trees(node)[0])
            number = isinstance(operand, int | float) and not isinstance(operand, bool)
            return -operand if number and node.children[0] == "-" else Expression(kind, (operand,))  # type: ignore[operator]
    return Expression(kind, tuple(_value(child) for child in _trees(node)))


def _string(node: Node) -> Value:
    from hcl2.utils import process_escape_sequences

    parts: list[Value] = []
    for part in _trees(node):
        content: Any = part.children[0]
        if hasattr(content, "data"):
            inner = _trees(content)
            parts.append(
                _value(inner[0])
                if content.data == "interpolation"
                else Expression("directive", tuple(map(_value, inner)))
            )
        elif content.type == "STRING_CHARS":
            parts.append(process_escape_sequences(str(content)))
        else:  # `$${` and `%%{` stand for themselves without the first sign
            parts.append(str(content)[1:])
    return templates.joined(parts)


def _heredoc(token: str, *, trim: bool) -> str:
    lines = token.replace("\r\n", "\n").split("\n")[1:]
    while lines and not lines[-1].strip():
        lines.pop()
    lines = lines[:-1]  # the closing marker
    if trim:
        indents = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
        lines = [line[min(indents, default=0) :] for line in lines]
    return "".join(f"{line}\n" for line in lines)


def _object(node: Node) -> Value:
    pairs: list[tuple[Value, Value]] = []
    for element in _trees(node):
        key, value = _trees(element)
        pairs.append((_key(_trees(key)[0]), _value(value)))
    if all(isinstance(key, str) for key, _ in pairs):
        return {str(key): value for key, value in pairs}
    return Expression("object", tuple(value for pair in pairs for value in pair))


def _key(node: Node) -> Value:
    value = _value(node)
    parenthesised = node.data == "expr_term" and "(" in node.children
    if isinstance(value, Reference) and len(value.path) == 1 and not parenthesised:
        return value.path[0]
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    return value


def _call(node: Node) -> Call:
    names: list[str] = []
    arguments: tuple[Value, ...] = ()
    for child in _trees(node):
        if child.data == "arguments":
            arguments = tuple(_value(argument) for argument in _trees(child))
        else:
            names.append(_word(child))
    return Call("::".join(names), arguments)


def expression(source: str) -> Value:
    """Read one expression; what python-hcl2 cannot read becomes an opaque Expression, since it stands in text."""
    words = source.strip().split(".")
    if all(word.isidentifier() for word in words):
        return Reference(tuple(words))
    try:
        return _body(_tree(f"x = ({source})", ""), "").attributes["x"]
    except (AnalysisError, RecursionError):
        return Expression("unread")


def _json_top(kind: str, content: Any, file: str) -> list[Block]:
    if kind == "//":
        return []
    return [
        _json_block(kind, labels, body, file) for labels, body in _json_labels(content, _LABELS.get(kind, 0), file)
    ]


def _json_labels(content: Any, depth: int, file: str) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Take apart the objects, or arrays of objects, that stand for labels."""
    if isinstance(content, list):
        return [found for element in content for found in _json_labels(element, depth, file)]
    if not isinstance(content, dict):
        raise AnalysisError(
            f"{file}: has {str(content)[:40]!r} where Terraform wants an object; correct it there."
        )
    if depth == 0:
        return [((), content)]
    return [
        ((name, *labels), body)
        for name, inner in content.items()
        if name != "//"
        for labels, body in _json_labels(inner, depth - 1, file)
    ]


def _json_block(kind: str, labels: tuple[str, ...], body: dict[str, Any], file: str) -> Block:
    attributes: dict[str, Value] = {}
    blocks: list[Block] = []
    for name, content in body.items():
        depth = _NESTED.get((kind, name))
        if name == "//":
            continue
        if depth is None:
            attributes[name] = _json_value(content)
        else:
            blocks += [_json_block(name, inner, part, file) for inner, part in _json_labels(content, depth, file)]
    return Block(kind, labels, Body(attributes, tuple(blocks)), file)


def _json_value(content: Any) -> Value:
    if isinstance(content, str):
        return templates.template(content, expression)
    if isinstance(content, list):
        return tuple(_json_value(element) for element in content)
    if isinstance(content, dict):
        return {name: _json_value(element) for name, element in content.items()}
    value: Value = content
    return value
