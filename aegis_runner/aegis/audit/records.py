"""Models to rows and back. Rows hold plain cells: text, numbers, NULL; lists are JSON text; times are UTC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from aegis.audit.chain import Cell
from aegis.audit.models import DecisionRecord, QueryRecord, RunStart, StoredDecision
from aegis.domain.report import Report, RunInfo
from aegis.domain.results import Result

Cells = dict[str, Cell]

_COLUMN_OF = {"table": "table_name", "column": "column_name"}  # both are reserved words of SQL
_FIELD_OF = {column: field for field, column in _COLUMN_OF.items()}
_LISTS = ("failing_keys", "tags")
_RESULT_FIELDS = frozenset(Result.model_fields)


def utc(moment: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds, so that text sorts as time does. Naive times are UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


def now() -> str:
    return utc(datetime.now(UTC))


def start_cells(start: RunStart) -> Cells:
    return {**start.model_dump(), "started_at": utc(start.started_at)}


def start_of(run: RunInfo) -> RunStart:
    """The beginning of a run whose beginning could not be recorded at the time."""
    return RunStart(
        run_id=run.run_id,
        started_at=run.started_at,
        command=run.command,
        aegis_version=run.aegis_version,
        project=run.project,
        target=run.target,
        warehouse=run.adapter,
        rules_file=run.rules_file,
        target_dir=run.target_dir,
        llm=run.llm,
    )


def end_cells(report: Report) -> Cells:
    """The end of a run, with its whole report but for the results, which have rows of their own."""
    run = report.run
    return {
        "run_id": run.run_id,
        "finished_at": utc(run.finished_at),
        "project": run.project,
        "target": run.target,
        "warehouse": run.adapter,
        "rules_file": run.rules_file,
        "target_dir": run.target_dir,
        "llm": run.llm,
        "dbt_invocation_id": run.dbt_invocation_id,
        "exit_code": report.summary.exit_code,
        "total_cost_usd": report.usage.cost_usd,
        "summary_json": report.summary.model_dump_json(),
        "report_json": report.model_dump_json(exclude={"results"}),
    }


def result_cells(result: Result, run_id: str, recorded_at: str) -> Cells:
    cells: Cells = {"run_id": run_id, "recorded_at": recorded_at}
    for field, value in result.model_dump(mode="json").items():
        cells[_COLUMN_OF.get(field, field)] = json.dumps(value, ensure_ascii=False) if field in _LISTS else value
    return cells


def decision_cells(decision: DecisionRecord) -> Cells:
    return {**decision.model_dump(), "recorded_at": now()}


def stored_cells(decision: StoredDecision) -> Cells:
    """A decision that was made before, with the time of then."""
    return {**decision.model_dump(exclude={"seq"}), "recorded_at": utc(decision.recorded_at)}


def query_cells(query: QueryRecord) -> Cells:
    return {**query.model_dump(), "recorded_at": now()}


def result_from(row: Mapping[str, Cell]) -> Result:
    """A stored result. A column that an older version did not fill gets the field's own default."""
    fields: dict[str, object] = {}
    for column, value in row.items():
        field = _FIELD_OF.get(column, column)
        if field in _RESULT_FIELDS and value is not None:
            fields[field] = json.loads(str(value)) if field in _LISTS else value
    return Result.model_validate(fields)
