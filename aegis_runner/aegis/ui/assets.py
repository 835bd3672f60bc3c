"""The style and the scripts that every page has, by name; those of the report's page among them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType

_CSS, _JS = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
ASSETS = MappingProxyType({"style.css": _CSS, "ui.css": _CSS, "script.js": _JS, "ui.js": _JS})
_OF_THE_REPORT = frozenset({"style.css", "script.js"})


@cache
def asset(name: str) -> str:
    """The text of one of `ASSETS`."""
    from aegis.report.html.render import static

    return static(name) if name in _OF_THE_REPORT else (files("aegis.ui") / "static" / name).read_text("utf-8")
