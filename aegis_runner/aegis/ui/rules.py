"""The pages about rules: how each did in the last runs, which flap, and the history of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.errors import UsageError
from aegis.report.html.charts import of_past
from aegis.report.words import about, expectation, reason, what_failed
from aegis.rules.lookup import counts_rows
from aegis.ui.pages import RULES_PER_PAGE, STRIPS, opened, page_number, pager, problem, shown

FLAPPING = 25
"""Rules that flap that are told above the list of all, which has them too."""

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from aegis.audit.pages import Place
    from aegis.domain.results import Result


def rules(request: Request) -> Response:
    """Rules of a project and target with their statuses in the last builds, those that flap first."""
    number = page_number(request)
    with opened(request) as trail:
        places = trail.places()
        here = _chosen(request, places)
        if here is None:
            return shown(request, "rules.html", of=None, total=0, places=(), flapping=None, strips=(), pager=None)
        found = trail.rules(here.project, here.target, runs=STRIPS)
    own = {"project": here.project or "", "target": here.target or ""}
    return shown(
        request, "rules.html", of=here, places=places, flapping=found.flapping, total=len(found.strips), most=FLAPPING,
        strips=found.strips[RULES_PER_PAGE * (number - 1) : RULES_PER_PAGE * number],
        pager=pager(number, RULES_PER_PAGE, len(found.strips), "rules", **own),
    )  # fmt: skip


def rule(request: Request) -> Response:
    """The history of one rule."""
    rule_id = request.path_params["rule"]
    with opened(request) as trail:
        found = trail.rule_places(rule_id)
        here = found and _chosen(request, found.places)
        if found is None:
            error = UsageError(f"no run has a rule {rule_id!r}", hint="The page Rules lists those of the last runs.")
            return problem(request, 404, error, "There is no such rule")
        past = trail.past([rule_id], project=here.project, target=here.target)[rule_id] if here else ()
    return shown(
        request, "rule.html", rule=rule_id, last=found.last, run_id=found.run_id, at=found.at, of=here,
        places=found.places, facts=facts(found.last), past=past[::-1], chart=of_past(rule_id, past) if past else None,
        counts=counts_rows(found.last),
    )  # fmt: skip


def _chosen(request: Request, places: Sequence[Place]) -> Place | None:
    """The place that is asked for, else the one of the last run."""
    asked = request.query_params
    wanted = (asked.get("project") or None, asked.get("target") or None)
    named = "project" in asked or "target" in asked
    match = [one for one in places if named and (one.project, one.target) == wanted]
    return (*match, *places, None)[0]


def facts(result: Result) -> list[tuple[str, str]]:
    """What is known of a rule, of its last result."""
    label, wanted = expectation(result)
    said = (
        ("table", about(result)), ("column", result.column or ""), ("type", result.rule_type),
        ("severity", result.severity.value), (label, wanted), ("description", result.description or ""),
        ("failed", what_failed(result) if result.failed else ""), ("message", reason(result)),
        ("owner", result.owner or ""), ("runbook", result.runbook or ""), ("tags", ", ".join(result.tags)),
        ("file", result.path or ""),
    )  # fmt: skip
    return [(name, text) for name, text in said if name and text]
