"""What a text in each format must be, whatever the report says: valid, within its limits, with nothing from data in it
that means something. A format that is registered and is not here fails `test_hostile.py`."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

import jsonschema
import xmlschema

from aegis.report.json import load_report
from tests.unit.report.test_markdown import MARK, assert_harmless

SCHEMAS = Path(__file__).parents[2] / "fixtures" / "report_schemas"
COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^:,]*,)*[a-zA-Z]+=[^:,]*)::([^\r\n]*)")
SPAN = re.compile(r"`[^`\n]+`")
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")


class Validator(Protocol):
    def validate(self, data: Any, /) -> None: ...


@cache
def schema(name: str, draft: Any = jsonschema.Draft202012Validator) -> Validator:
    found: Validator = draft(json.loads((SCHEMAS / name).read_text(encoding="utf-8")))
    return found


@cache
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "junit.xsd")


def strict(text: str) -> Any:
    """JSON without what only Python reads."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


def everywhere(text: str) -> None:
    """What holds for every format: it ends with a line, can be written, moves no cursor and is no log command."""
    assert text.endswith("\n")
    text.encode()
    odd = {char for char in set(text) if not char.isprintable() and char != "\n" and is_odd(char)}
    assert not odd, odd
    assert not re.search(r"##\w*\[", text)
    assert not re.search(r"(?m)^[^\S\n]*::(?!(error|warning|notice) [a-z]+=)", text)


def is_odd(char: str) -> bool:
    """Control, format, private use and separating characters, surrogates, and what is no character."""
    return unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} or ord(char) & 0xFFFE == 0xFFFE


def terminal(text: str) -> None:
    """No line is a log command, and nothing moves the cursor."""
    assert not re.search(r"(?m)^[^\S\n]*::|##\w*\[", text)
    assert all(char.isprintable() or char == "\n" for char in text)


def plain_json(text: str) -> None:
    strict(text)
    load_report(text)


def markdown(text: str) -> None:
    assert len(text) <= 65_536
    assert_harmless(text)
    # GitLab's pattern for what is code: inside a longer fence, a line of three backticks ends it.
    assert not re.search(r"(?m)^/[A-Za-z]", text)


def junit(text: str) -> None:
    junit_schema().validate(text)
    root = ElementTree.fromstring(text)
    cases = root.findall(".//testcase")
    assert int(root.get("tests", "")) == len(cases)
    for name, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(root.get(count, "")) == len(root.findall(f".//testcase/{name}"))


def sarif(text: str) -> None:
    data = strict(text)
    schema("sarif-2.1.0.json", jsonschema.Draft4Validator).validate(data)
    (run,) = data["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) <= 25_000
    assert len({rule["id"] for rule in rules}) == len(rules)
    prints = [result["partialFingerprints"]["aegisResult/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["kind"] == "fail" or result["level"] == "none"
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            at = place["physicalLocation"]
            assert re.fullmatch(r"(?![./])[A-Za-z0-9._~/%-]+", at["artifactLocation"]["uri"])
            assert at["region"]["startLine"] >= 1
    for message in texts_of(data):
        assert len(message.encode("utf-16-le")) <= 2 * 1_024
        assert "](" not in message
        assert not re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)|(?<!\})(?:\}\})*\}(?!\})", message)
    for rule in rules:
        assert_harmless(rule["help"]["markdown"])
        assert len(rule["properties"]["tags"]) <= 10


def texts_of(data: Any) -> list[str]:
    """The text of every message of a SARIF log."""
    if isinstance(data, list):
        return [text for item in data for text in texts_of(item)]
    if not isinstance(data, dict):
        return []
    own = [data["text"]] if isinstance(data.get("text"), str) else []
    return own + [text for item in data.values() for text in texts_of(item)]


def github(text: str) -> None:
    kinds = []
    lines = [line for line in text.splitlines() if not line.startswith("aegis: ")]
    for line in lines:
        match = COMMAND.fullmatch(line)
        assert match, line
        kinds.append(match[1])
        assert not re.search(r"%(?!25|0D|0A|3A|2C)", match[2]), line
        assert not re.search(r"%(?!25|0D|0A)", match[3]), line
        assert len(line.encode()) < 65_536
    assert kinds
    assert all(kinds.count(kind) <= 10 for kind in set(kinds))


def gitlab(text: str) -> None:
    data = strict(text)
    schema("gitlab-code-quality.json").validate(data)
    assert len({entry["fingerprint"] for entry in data}) == len(data)


def slack(text: str) -> None:
    data = strict(text)
    schema("slack-message.json").validate(data)
    assert len(json.dumps(data["blocks"], ensure_ascii=False)) <= 13_000
    for said in [data["text"], *(block["text"]["text"] for block in data["blocks"] if "text" in block)]:
        assert "<" not in said and ">" not in said
        assert not ENTITY.search(said)
        outside = SPAN.sub("", said)
        assert MARK not in outside
        assert not re.search(r"[@`]|https?:|www\.", outside), outside


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.used.add(tag)
        self.used |= {f"{tag} {name}" for name, _ in attrs}
        for name, value in attrs:
            if name in {"href", "src", "action", "style"} and MARK in (value or ""):
                assert re.match(r"(https?:|#)", value or ""), (tag, name, value)

    def handle_comment(self, data: str) -> None:
        assert MARK not in data

    def handle_decl(self, decl: str) -> None:
        assert MARK not in decl


def html(text: str) -> None:
    """Data is text and values of attributes: it makes no element, attribute or comment."""
    parser = _Tags()
    parser.feed(text)
    parser.close()
    assert not {name for name in parser.used if MARK.casefold() in name.casefold() or " on" in name}
    assert not parser.used & {"iframe", "object", "embed", "base"}


CHECKS: dict[str, Callable[[str], None]] = {
    "terminal": terminal,
    "json": plain_json,
    "markdown": markdown,
    "html": html,
    "junit": junit,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "slack": slack,
}
