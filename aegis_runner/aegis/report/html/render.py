"""A report as one HTML file. Every text is escaped by the templates; what no page shows as it is, as an escape."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from aegis.domain.report import Report
from aegis.domain.text import count, plural
from aegis.report.accounts import drafts_failed, left_out, rules_asked, verdict
from aegis.report.html.view import page
from aegis.report.options import Options
from aegis.report.text import duration, one_line
from aegis.report.words import cost, masking

if TYPE_CHECKING:
    from jinja2 import Environment

_DEFAULT = Options()


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as a page that needs no network; its scripts are named by their hash, so that nothing else runs."""
    script, style = static("script.js"), static("style.css")
    return within(
        environment(), "file.html", report, recorded=options.recorded,
        script=script, style=style, script_hash=_hash(script),
    )  # fmt: skip


def within(
    templates: Environment, layout: str, report: Report, *, rule: Callable[[str], str] = str, **given: object
) -> str:
    """``report`` inside a ``layout`` of the ``templates``, which extends ``base.html`` and is given the rest.

    Args:
        rule: How the rules in the table of all results are named, as a link for one.
    """
    text = templates.get_template("report.html").render(
        layout=layout, page=page(report), report=report, rule=rule,
        took=duration((report.run.finished_at - report.run.started_at).total_seconds()),
        verdict=verdict(report), asked=rules_asked(report), left_out=left_out(report), drafts=drafts_failed(report),
        cost=cost(report.usage, report.run.llm) if report.run.llm else "", **given,
    )  # fmt: skip
    return text.replace("<!--masking-->", _masking(report, text)) + "\n"


def _masking(report: Report, text: str) -> str:
    from markupsafe import escape

    return str(escape(one_line(masking(report, text))))


@cache
def environment(*rooms: str) -> Environment:
    """The templates, and those of other ``rooms`` (packages) that show pages. A text is made harmless before it is
    escaped; what a template made itself is left alone."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def harmless(value: object) -> object:
        return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = Environment(
        loader=ChoiceLoader([PackageLoader(room, "templates") for room in ("aegis.report.html", *rooms)]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=harmless,
    )  # fmt: skip
    made.filters |= {"count": count, "plural": plural}
    made.tests["link"] = _is_link
    return made


def _is_link(text: str) -> bool:
    """Whether a text is an address that a reader may follow: nothing but http leads anywhere from here."""
    return text.startswith(("https://", "http://")) and not any(map(str.isspace, text)) and text.isprintable()


@cache
def static(name: str) -> str:
    """The text of a file that every page has."""
    from markupsafe import Markup

    return Markup((files("aegis.report.html") / "static" / name).read_text(encoding="utf-8"))


def _hash(script: str) -> str:
    """As a Content-Security-Policy names a script (CSP level 3, 6.7.3.3)."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
