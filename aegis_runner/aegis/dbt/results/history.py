"""The table of the package's hook (macros/results/history.sql): where it is, how it is asked, and what its rows say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.domain.past import PastBuild
from aegis.domain.results import Status, worse
from aegis.errors import WarehouseError

TABLE = "aegis_rule_results"
HEALTH = "model.aegis.aegis_rule_health"
"""The model that reads it: its compiled SQL names the table as the warehouse does."""
MOST_ROWS = 100_000

_NAMED = re.compile(rf"\bfrom\s+(\S*{TABLE}\b[\"`\]]?)", re.IGNORECASE)
# What databases say of a table, or a schema, that is not there.
_MISSING = re.compile(
    r"does not exist|doesn't exist|not found|not exist|unknown table|no such table|cannot be found", re.IGNORECASE
)


def history_relation(manifest: Manifest, variables: Mapping[str, Any], profile: Mapping[str, Any]) -> str:
    """The table as SQL names it: as the package's own model does, else by the variables, else in the target schema.

    Args:
        manifest: Of the build.
        variables: dbt's variables, of which ``aegis_history_schema`` and ``aegis_history_database`` count.
        profile: Settings of the target.
    """
    health = manifest.nodes.get(HEALTH)
    named = _NAMED.search(health.compiled or "") if health is not None else None
    if named is not None:
        return named[1]
    own = str(profile.get("schema") or profile.get("dataset") or "main")
    schema = variables.get("aegis_history_schema") or own
    database = variables.get("aegis_history_database")
    beside = next((node for node in manifest.nodes.values() if _is_in(node, own)), None)
    mark, closing = _quotes(beside)
    if beside is not None and database is None:
        database = beside.database
    return ".".join(f"{mark}{part}{closing}" for part in (database, schema, TABLE) if part)


def _is_in(node: Node, schema: str) -> bool:
    return bool(node.relation_name) and (node.schema_ or "").lower() == schema.lower()


def _quotes(node: Node | None) -> tuple[str, str]:
    """How this warehouse's relations are quoted: as dbt has one of its nodes."""
    last = (node.relation_name or "")[-1:] if node is not None else ""
    return {'"': ('"', '"'), "`": ("`", "`"), "]": ("[", "]")}.get(last, ("", ""))


def history_query(relation: str, project: str | None, target: str | None, but: str | None, builds: int) -> str:
    """What rules gave in the last ``builds`` builds of a project and target, the newest first.

    Args:
        relation: The table.
        project: As dbt calls it.
        target: Of its profile.
        but: The invocation that is not the past.
        builds: How many.
    """
    conditions = [f"project = {_text(project)}", f"target = {_text(target)}"]
    if but is not None:
        conditions.append(f"invocation_id <> {_text(but)}")
    ranked = (
        "select invocation_id, run_started_at, rule_id, status, "
        "dense_rank() over (order by run_started_at desc, invocation_id desc) as age "
        f"from {relation} where {' and '.join(conditions)}"
    )
    return (
        f"select invocation_id, run_started_at, rule_id, status, age from ({ranked}) as seen "
        f"where age <= {builds} order by age, rule_id"
    )


def _text(value: str | None) -> str:
    """A literal that every dialect reads alike. They differ in how quotes and backslashes are written, and neither is
    in the name of a project or target: dbt takes letters, digits and underscores."""
    return "'" + re.sub(r"[^\w .:/@+-]", "?", value or "") + "'"


def is_missing(message: str) -> bool:
    """Whether a database says that there is no such table."""
    return _MISSING.search(message) is not None


def past_builds(rows: Iterable[Mapping[str, JsonValue]]) -> tuple[PastBuild, ...]:
    """The builds of such rows, the oldest first; of two results of one rule, the worse. Rows that say nothing that is
    understood are left out.

    Raises:
        WarehouseError: A column is missing.
    """
    found: dict[str, tuple[datetime, dict[str, Status]]] = {}
    for row in rows:
        cells = {name.lower(): value for name, value in row.items()}
        try:
            invocation, at = str(cells["invocation_id"]), _moment(cells["run_started_at"])
            rule_id, status = str(cells["rule_id"]), str(cells["status"])
        except KeyError as error:
            raise WarehouseError(f"the history has no column {error}") from error
        if at is None or status not in set(Status):
            continue
        _, statuses = found.setdefault(invocation, (at, {}))
        statuses[rule_id] = worse(statuses.get(rule_id, Status.PASS), Status(status))
    builds = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return tuple(PastBuild(at=at, statuses=statuses) for _, (at, statuses) in builds)


def _moment(value: JsonValue) -> datetime | None:
    """The package writes UTC, without a zone."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
