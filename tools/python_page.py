"""The reference page of the public Python names: signatures with types, errors, options field by field."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

FUNCTIONS = ("run", "analyze", "load_rules")
OPTIONS = ("RunOptions", "AnalyzeOptions", "ProjectOptions")
_SECTION = re.compile(r"^(Args|Raises|Attributes):$", re.MULTILINE)
_ENTRY = re.compile(r"^    (\S[^:]*): (.*(?:\n        .*)*)", re.MULTILINE)


def python_page() -> str:
    """The page as Markdown, without its head line."""
    import aegis

    lines = [
        "# Python\n",
        "What `from aegis import …` gives is public; everything else may change. It is typed for mypy's strict mode"
        " (`py.typed`); what is heavy is imported when it is first used.\n",
        "| name | |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {first_line(getattr(aegis, name))} |" for name in aegis.__all__]
    lines += [f"\nThe rule classes, one for each type, are `rules.NotNull` and its like: {_rule_types()}.\n"]
    for name in FUNCTIONS:
        lines += _function(name, getattr(aegis, name))
    lines += ["\n## Options\n", "Each field is also a keyword of `run`.\n"]
    for name in OPTIONS:
        lines += _options(name, getattr(aegis, name))
    lines += ["\n## Errors\n", "| class | exit code of the command | |", "|---|---|---|"]
    lines += [f"| `{one.__name__}` | {one.exit_code} | {first_line(one)} |" for one in _errors(aegis.AegisError)]
    return "\n".join(lines)


def first_line(thing: Any) -> str:
    text = "" if isinstance(thing, str) else thing.__dict__.get("__doc__") if isinstance(thing, type) else thing.__doc__
    return _cell(inspect.cleandoc(text or "").partition("\n\n")[0])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")


def _rule_types() -> str:
    from aegis.rules.model import registry

    return ", ".join(f"[`{cls.__name__}`](rules.md#{name})" for name, cls in registry().items())


def _function(name: str, function: Any) -> Iterator[str]:
    said = inspect.cleandoc(function.__doc__ or "")
    parts = _SECTION.split(said)
    yield f"\n## {name}\n"
    signature = str(inspect.signature(function)).replace("'", "")
    yield f"```python\n{_wrapped(name + signature)}\n```\n"
    yield re.sub(r"``([^`]+)``", r"`\1`", parts[0].strip()) + "\n"
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        yield f"| {'argument' if heading == 'Args' else 'raises'} | |\n|---|---|"
        for names, text in _ENTRY.findall(body):
            shown = ", ".join(f"`{one.strip()}`" for one in names.split(","))
            yield f"| {shown} | {_cell(text)} |"
        yield ""


def _wrapped(signature: str) -> str:
    if len(signature) <= 100:
        return signature
    head, _, rest = signature.partition("(")
    inside, _, result = rest.rpartition(")")
    depth, parts, start = 0, [], 0
    for place, letter in enumerate(inside):
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth == 0:
            parts.append(inside[start:place].strip())
            start = place + 1
    parts.append(inside[start:].strip())
    return f"{head}(\n" + "".join(f"    {part},\n" for part in parts) + f"){result}"


def _options(name: str, cls: Any) -> Iterator[str]:
    assert is_dataclass(cls)
    said = _said(cls)
    yield f"\n### {name}\n\n{_cell(inspect.cleandoc(cls.__doc__ or ''))}\n"
    yield "| field | type | default | |\n|---|---|---|---|"
    for one in fields(cls):
        default = "" if one.default is MISSING else f"`{one.default!r}`"
        yield f"| `{one.name}` | `{str(one.type).replace('|', chr(92) + '|')}` | {default} | {said.get(one.name, '')} |"


def _said(cls: Any) -> dict[str, str]:
    """The docstrings of the fields, which stand below each."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        told = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and told:
            found[field.target.id] = _cell(str(text.value.value))  # type: ignore[attr-defined]  # the line above says so
    return found


def _errors(cls: Any) -> Iterator[Any]:
    yield cls
    for one in cls.__subclasses__():
        if one.__module__ == cls.__module__:
            yield from _errors(one)
