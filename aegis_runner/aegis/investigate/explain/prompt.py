"""Prompts: a text of ours, and the data as one JSON block that nothing in it can end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import JsonValue


@cache
def system(name: str) -> str:
    """The prompt ``prompts/<name>.md``."""
    return (files(__package__) / "prompts" / f"{name}.md").read_text(encoding="utf-8")


def data_block(data: Mapping[str, JsonValue]) -> str:
    """``data`` between ``<data>`` and ``</data>``. Angle brackets and ampersands inside are written as JSON's escapes,
    so that no text in it looks like the end of the block, or like any other tag."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"<data>\n{text}\n</data>"
