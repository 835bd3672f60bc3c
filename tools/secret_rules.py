"""Write ``vendor_rules.json`` anew from a copy of gitleaks' rules: ``python -m tools.secret_rules gitleaks.toml
VERSION``.

gitleaks (MIT, Zachary Rice and its contributors) keeps a list of what the keys of vendors look like. Its patterns
are in the dialect of Go; here they become Python's. Left out is what is about files rather than text, and what the
spellings of a setting in ``aegis/privacy/settings.py`` find already, with fewer mistakes: see docs/decisions/0020.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

TARGET = Path(__file__).parents[1] / "aegis_runner" / "aegis" / "privacy" / "vendor_rules.json"
LEFT_OUT = frozenset(
    {"generic-api-key", "kubernetes-secret-yaml", "curl-auth-header", "curl-auth-user", "hashicorp-tf-password"}
)
# What may stand before a vendor's name is of no use to a search, and makes it slow.
_CONTEXT = r"[\w.-]{0,50}?"


def main(source: str, version: str) -> None:
    rules = tomllib.loads(Path(source).read_text(encoding="utf-8"))["rules"]
    kept = [
        {
            "id": rule["id"],
            "keywords": rule["keywords"],
            "entropy": rule.get("entropy", 0),
            "regex": python_regex(rule["regex"]),
        }
        for rule in rules
        if rule.get("regex") and rule.get("keywords") and rule["id"] not in LEFT_OUT
    ]
    about = {"source": "https://github.com/gitleaks/gitleaks", "version": version, "license": "MIT"}
    lines = ",\n".join(f"  {json.dumps(rule)}" for rule in kept)
    TARGET.write_text(f'{{"about": {json.dumps(about)}, "rules": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{len(kept)} of {len(rules)} rules")


def python_regex(pattern: str) -> str:
    """A pattern of Go's ``regexp`` as one of Python's ``re``; raises `re.error` if it is none."""
    pattern = pattern.replace(r"\z", r"\Z").replace("[[:alnum:]]", "[A-Za-z0-9]").replace(_CONTEXT, "")
    while (place := pattern.find("(?i)", 1)) > 0:
        end = _end_of_group(pattern, place + 4)
        pattern = f"{pattern[:place]}(?i:{pattern[place + 4 : end]}){pattern[end:]}"
    re.compile(pattern)
    return pattern


def _end_of_group(pattern: str, start: int) -> int:
    """Where the group that ``start`` stands in ends: so far a flag goes."""
    depth = 0
    for place, char in _outside_classes(pattern, start):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                return place
        elif char == "|" and depth == 0:
            raise re.error("a flag before an alternative: rewrite it by hand")
    return len(pattern)


def _outside_classes(pattern: str, start: int) -> Iterable[tuple[int, str]]:
    """The characters from ``start`` that are neither escaped nor in brackets, with their places."""
    inside = escaped = False
    for place in range(start, len(pattern)):
        char = pattern[place]
        if escaped or char == "\\":
            escaped = not escaped
        elif inside or char == "[":
            inside = char != "]"
        else:
            yield place, char


if __name__ == "__main__":
    main(*sys.argv[1:])
