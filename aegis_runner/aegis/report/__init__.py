"""Report → text, one file per format. Renderers do no I/O, and each is imported only when it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from aegis.errors import UsageError
from aegis.report.options import Options

if TYPE_CHECKING:
    from aegis.domain.report import Report


class Renderer(Protocol):
    """What every format provides."""

    def __call__(self, report: Report, options: Options = ..., /) -> str: ...


def _terminal() -> Renderer:
    from aegis.report.terminal import render

    return render


def _json() -> Renderer:
    from aegis.report.json import render

    return render


def _markdown() -> Renderer:
    from aegis.report.markdown import render

    return render


def _html() -> Renderer:
    from aegis.report.html.render import render

    return render


def _junit() -> Renderer:
    from aegis.report.junit import render

    return render


def _sarif() -> Renderer:
    from aegis.report.sarif import render

    return render


def _github() -> Renderer:
    from aegis.report.github import render

    return render


def _gitlab() -> Renderer:
    from aegis.report.gitlab import render

    return render


def _slack() -> Renderer:
    from aegis.report.slack import render

    return render


_LOADERS: MappingProxyType[str, Callable[[], Renderer]] = MappingProxyType(
    {
        "terminal": _terminal,
        "json": _json,
        "markdown": _markdown,
        "html": _html,
        "junit": _junit,
        "sarif": _sarif,
        "github": _github,
        "gitlab": _gitlab,
        "slack": _slack,
    }
)

#: The names of all formats, the default first.
FORMATS: tuple[str, ...] = tuple(_LOADERS)


def renderer(name: str) -> Renderer:
    """The renderer called ``name``; raises `UsageError` with the nearest name if there is none."""
    if name not in _LOADERS:
        near = difflib.get_close_matches(name, FORMATS, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"there is no report format {name!r}", hint=f"{guess}Formats: {', '.join(FORMATS)}.")
    return _LOADERS[name]()


def render(report: Report, name: str, options: Options | None = None) -> str:
    """``report`` in the format ``name``; the text ends with a line break."""
    return renderer(name)(report, options or Options())


__all__ = ["FORMATS", "Options", "Renderer", "render", "renderer"]
