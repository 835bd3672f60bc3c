"""The pages: each asks the trail, within one open look at it, and renders a template."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aegis.errors import AegisError, AuditError, UsageError
from aegis.ui import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from aegis.audit.models import RunRow, SearchHit
    from aegis.audit.reader import Reader

PER_PAGE = 50
STRIPS, RULES_PER_PAGE = 30, 100
HITS = 50
CHOICES = 100
"""Runs that can be chosen in a list; any other is named by its id."""
MOST_DIGITS = 15
WAIT = 5.0
"""Seconds to wait for a trail that another process holds: a person sits before the browser."""


@cache
def templates() -> Any:
    """The templates of the pages, with their words: an environment of Jinja, which only reports know by name."""
    from aegis.report.html.render import environment

    made = environment("aegis.ui")
    made.globals |= {"address": words.address, "place": words.place, "strip_in_words": words.strip_in_words}
    made.filters |= {"usd": words.usd, "when": words.when, "groupby_in_order": words.grouped}
    return made


def opened(request: Request) -> Reader:
    """The trail, for one request: SQLite keeps its own state in a connection, and the file may be another by now.

    Raises:
        AuditError: It is missing, locked, or cannot be read.
    """
    from aegis.audit.reader import Reader

    return Reader.open_to_read(request.app.state.trail, timeout=WAIT)


def shown(request: Request, template: str, status: int = 200, **given: object) -> Response:
    """A template of the pages as an answer."""
    return answered(templates().get_template(template).render(**frame(request), **given), status)


def answered(text: str, status: int = 200) -> Response:
    from starlette.responses import HTMLResponse

    # What data holds that is not Unicode text is an escape by now; if it were not, a page must not fail for it.
    return HTMLResponse(text.encode("utf-8", "backslashreplace"), status)


def frame(request: Request) -> dict[str, object]:
    """What the frame around every page shows."""
    trail: Path = request.app.state.trail
    return {"here": "/" + request.url.path.split("/")[1], "trail": str(trail), "q": request.query_params.get("q", "")}


def problem(request: Request, status: int, error: AegisError, title: str = "") -> Response:
    """What went wrong, where, and what to do next, as a page."""
    return shown(request, "problem.html", status, title=title or "This cannot be shown", error=error)


def page_number(request: Request) -> int:
    """Which page of a list is asked for, the first is 1."""
    return max(1, whole(request.query_params.get("page", "")) or 1)


def whole(text: str) -> int | None:
    """A number as people write it, of few enough digits for any number of a row."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def pager(number: int, size: int, total: int, *path: object, **query: object) -> Mapping[str, object]:
    """Links to the pages before and after."""
    last = max(1, -(-total // size))
    return {
        "number": number, "last": last,
        "newer": words.address(*path, **query, page=number - 1) if number > 1 else "",
        "older": words.address(*path, **query, page=number + 1) if number < last else "",
    }  # fmt: skip


def runs(request: Request) -> Response:
    """Runs over time."""
    number, asked = page_number(request), request.query_params
    project, target = asked.get("project") or None, asked.get("target") or None
    with opened(request) as trail:
        page = trail.run_page(PER_PAGE, PER_PAGE * (number - 1), project=project, target=target)
        places = trail.places()
    return shown(
        request, "runs.html", page=page, stacks=words.stacks(page.rows), project=project, target=target,
        verdicts={run.run_id: words.verdict(run) for run in page.rows},
        severities={run.run_id: words.severities(run) for run in page.rows},
        projects=_names(one.project for one in places), targets=_names(one.target for one in places),
        pager=pager(number, PER_PAGE, page.total, "", project=project, target=target),
    )  # fmt: skip


def _names(found: Any) -> list[str]:
    return list(dict.fromkeys(name for name in found if name))


def run(request: Request) -> Response:
    """The report of one run, called as everywhere: its id, the beginning of one, latest or previous."""
    from starlette.responses import RedirectResponse

    from aegis.report.html.render import within

    asked = request.path_params["run"]
    with opened(request) as trail:
        try:
            run_id = trail.run_id(asked)
        except (UsageError, AuditError) as error:  # not a run, or none has finished that could be the latest
            return problem(request, 404, error, "There is no such run")
        if run_id != asked:
            return RedirectResponse(words.address("runs", run_id), 307)
        row = trail.run(run_id)
        if row is None or row.finished_at is None:
            return shown(request, "unfinished.html", row=row, calls=trail.call_page(1, 0, run=run_id).total)
        report, calls = trail.show(run_id), trail.call_page(1, 0, run=run_id).total
        before = _previous(trail, run_id)
    links = templates().get_template("links.html").module
    given = {"recorded": True, "reported": run_id, "calls": calls, "before": before}
    return answered(within(templates(), "layout.html", report, rule=links.rule, **frame(request), **given))


def _previous(trail: Reader, run_id: str) -> str:
    """The run before, of the same project and target; empty where there is none."""
    try:
        return trail.run_id("previous", other=run_id)
    except (UsageError, AuditError):
        return ""  # the first of its project: there is nothing to compare it with


def decisions(request: Request) -> Response:
    """Calls of language models, and what they cost."""
    from aegis.audit.cost import KEYS

    number, asked = page_number(request), request.query_params
    by, run_id = asked.get("by", "model"), asked.get("run") or None
    by = by if by in KEYS else "model"
    with opened(request) as trail:
        page = trail.call_page(PER_PAGE, PER_PAGE * (number - 1), run=run_id)
        costs = trail.costs(by) if run_id is None else None
    return shown(
        request, "decisions.html", page=page, costs=costs, keys=tuple(KEYS), run=run_id,
        pager=pager(number, PER_PAGE, page.total, "decisions", run=run_id, by=None if by == "model" else by),
    )  # fmt: skip


def decision(request: Request) -> Response:
    """One call of a language model in full."""
    asked = request.path_params["number"]
    number = whole(asked)
    with opened(request) as trail:
        call = None if number is None else trail.decision(number)
    if call is None:
        error = UsageError(f"no decision has the number {asked!r}", hint="The page Decisions lists all.")
        return problem(request, 404, error, "There is no such decision")
    texts = {"System prompt": call.system_prompt, "Prompt": call.prompt, "Answer": call.response}
    blocks = {label: words.text_block(text) for label, text in texts.items() if text}
    return shown(request, "decision.html", call=call, blocks=blocks)


def compare(request: Request) -> Response:
    """What changed between two runs."""
    asked = request.query_params
    before, after = asked.get("before") or "previous", asked.get("after") or "latest"
    with opened(request) as trail:
        choices = trail.run_page(CHOICES, 0).rows
        try:
            found, error = trail.compare(before, after), None
        except (UsageError, AuditError) as wrong:  # not two runs that finished
            found, error = None, wrong
    return shown(
        request, "compare.html", 200 if error is None or not asked else 404, found=found, error=error,
        choices=_choices(choices, before, after), before=found.before.run_id if found else before,
        after=found.after.run_id if found else after, change_of=words.change_of,
    )  # fmt: skip


def _choices(rows: tuple[RunRow, ...], *named: str) -> list[tuple[str, str]]:
    """Runs that finished, and what else was named."""
    told = {
        row.run_id: f"{words.when(row.started_at)} · {words.place(row.project, row.target)} · {row.run_id}"
        for row in rows
        if row.finished_at is not None
    }
    return [*((name, name) for name in ("latest", "previous")),
            *((name, name) for name in named if name not in told and name not in ("latest", "previous")),
            *told.items()]  # fmt: skip


def search(request: Request) -> Response:
    """Results and decisions that hold the words."""
    asked = request.query_params.get("q", "").strip()
    hits: tuple[SearchHit, ...] = ()
    error, status = None, 200
    if asked:
        with opened(request) as trail:
            try:
                hits = trail.search(asked, limit=HITS)
            except UsageError as wrong:
                error, status = wrong, 400
    return shown(request, "search.html", status, asked=asked, hits=hits, error=error, most=HITS)
