"""Texts that a user reads are plain English: the worst patterns stand nowhere in the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

WORST = {
    r"(?<![tT]here )\bis no (?!longer|more)\w+": "is not a …",
    r"(?<![tT]here )\bare no (?!longer|more)\w+": "are not …",
    r"\bput right\b": "repaired",
    r"\bcannot be had\b|\bcould not be had\b": "could not be collected",
    r"\bnobody here\b": "is not understood, is not supported",
    r"\bof what\b": "name the thing",
    r"\bstands here\b": "is here",
    r"\bwithout a partner\b": "unmatched",
    r"\bin a wrong form\b": "not matching the pattern",
    r"\bnothing else worse\b": "no other check got worse",
    r"\barrived_bad\b": "bad_source_data",
    r"\d %(?! \d|[\w(])|\} %$": "6.8%",
}

OLD_NAMES = {("aegis_runner/aegis/domain/kinds.py", "arrived_bad")}
"""Names that are read in reports of before, which audit trails keep, and written nowhere."""


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Literals that are no docstrings, f-strings with their fields as braces."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        for inner in getattr(node, "body", []) if isinstance(getattr(node, "body", None), list) else []:
            if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                skipped.add(id(inner.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def test_no_text_of_the_program_has_one_of_the_worst_patterns(root: Path, tracked: list[Path]) -> None:
    wrong = [
        f"{path}:{line}: {text!r}: {better}"
        for path in tracked
        if path.suffix == ".py" and path.parts[:2] == ("aegis_runner", "aegis")
        for line, text in texts(root / path)
        for pattern, better in WORST.items()
        if re.search(pattern, text) and (path.as_posix(), text) not in OLD_NAMES
    ]
    assert not wrong, "\n".join(wrong)


def test_a_text_with_such_a_pattern_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text('"""A docstring is no text."""\nsay(f"{name} is no rule type")\nsay("6.8 %")\n', encoding="utf-8")
    found = [text for _, text in texts(file) if any(re.search(pattern, text) for pattern in WORST)]
    assert found == ["{} is no rule type", "6.8 %"]
