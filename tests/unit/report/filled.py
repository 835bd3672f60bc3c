"""A report in which every text is the same: what a renderer must stand, whichever fields it shows."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel

from aegis.domain.asked import Omission
from aegis.domain.kinds import EvidenceKind
from aegis.domain.privacy import Privacy
from aegis.domain.report import Evidence, Guidance, Notice, Report
from aegis.domain.results import ResultKind, Status
from aegis.domain.severity import Level, Severity
from tests.unit.report.build import a_finding, a_result
from tests.unit.report.conftest import causes, usual

LINKS = frozenset({"id", "finding_ids", "cause_id"})
"""Names by which parts of a report find each other."""
KEPT = frozenset({"schema_version"})
_Model = TypeVar("_Model", bound=BaseModel)


def everything() -> Report:
    """A report with something in every field: each status and kind, findings with and without a cause, drafts."""
    base = causes()
    extra = [
        *(a_result(f"of_{kind}", kind=kind, status=Status.FAIL, path="models/a.yml:7") for kind in ResultKind),
        *(a_result(f"{status}", status=status, message="why", severity=severity)
          for status in (Status.ERROR, Status.SKIPPED, Status.WARN) for severity in Severity),
        a_result("draft", status=Status.FAIL, level=Level.NONE, rows_failed=2),
    ]  # fmt: skip
    found = [a_finding(number, one) for number, one in enumerate((one for one in extra if one.failed), 50)]
    first = base.findings[0]
    told = first.model_copy(
        update={
            "guidance": Guidance(common_causes=("a", "b"), lineage_hints={"t": ("c",)}),
            "evidence": tuple(
                Evidence(id=f"F1.{kind}", kind=kind, text="x", query="q", artifact="a") for kind in EvidenceKind
            ),
        }
    )
    note = Notice(what="what", where="where", hint="hint")
    return base.model_copy(
        update={
            "findings": (told, *base.findings[1:], *found),
            "results": (*base.results, *extra),
            "errors": (note, note.model_copy(update={"fatal": True})),
            "reservations": (note,),
            "omitted": (Omission(rule_id="o", rule_type="unique", why="disabled", text="t", table="t", path="p"),),
            "privacy": Privacy(mode="strict"),
            "summary": usual().summary.model_copy(update={"causes": len(base.causes), "disabled": 1}),
        }
    )


def filled(model: _Model, text: str, *, links: bool = False) -> _Model:
    """The model with ``text`` in every text of it, those that are not there included; in ``links`` too if wanted."""
    kept = KEPT if links else KEPT | LINKS
    return model.model_copy(
        update={
            name: _filled(getattr(model, name), field.annotation, text, links)
            for name, field in type(model).model_fields.items()
            if name not in kept
        }
    )


def _filled(value: Any, annotation: Any, text: str, links: bool) -> Any:
    if isinstance(value, BaseModel):
        return filled(value, text, links=links)
    if isinstance(value, tuple):
        return tuple(_filled(item, str, text, links) for item in value)
    if isinstance(value, dict):
        return {text if type(key) is str else key: _filled(item, str, text, links) for key, item in value.items()}
    choices = (annotation, *get_args(annotation))
    if any(get_origin(one) is Literal for one in choices) or annotation is None:
        return value
    return text if type(value) is str or (value is None and str in choices) else value
