"""The rows of the suites of a run: read from where dbt stored them, or asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aegis.dbt.suites.split import split_suite
from aegis.errors import AegisError, WarehouseError

if TYPE_CHECKING:
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.dbt.artifacts.suite_rows import StoredRow, Suite
    from aegis.warehouse.base import Warehouse

_MOST_RULES = 100_000
# In one query; `dbt show` takes its query from the command line, where 128 KiB is the most.
_AT_ONCE = 100
COLUMNS = (
    "rule_id, rule_type, severity, level, column_name, status, rows_checked, rows_failed, observed, expected, "
    "failing_keys, failing_rows_sql, message, invocation_id"
)


@dataclass(slots=True)
class SuiteRows:
    """Rows by suite, read from storage or asked again, and why a suite has none. ``of_now`` are suites that ran in the
    build and whose rows are not those of the build."""

    stored: dict[str, list[StoredRow]] = field(default_factory=dict)
    rerun: dict[str, list[StoredRow]] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    of_now: set[str] = field(default_factory=set)


def fetch(artifacts: Artifacts, suites: Sequence[Suite], warehouse: Warehouse) -> SuiteRows:
    """Rows of every suite, in one query where the warehouse plays along.

    A suite that ran has stored its rows; if they are gone its compiled SQL is run again. A suite whose statement broke
    is split: each of its rules by itself.
    """
    found = SuiteRows()
    ran = [suite for suite in suites if suite.ran]
    stored = [suite for suite in ran if suite.relation_name]
    try:
        for some in _batches(stored):
            found.stored |= _union(some, warehouse)
    except WarehouseError:
        # One missing table fails the union; then each is asked for by itself, with all suites that share it.
        left = [suite for suite in stored if suite.unique_id not in found.stored]
        for relation in dict.fromkeys(suite.relation_name for suite in left):
            with suppress(WarehouseError):
                found.stored |= _union([suite for suite in left if suite.relation_name == relation], warehouse)
    _drop_others(found.stored, artifacts.run_results.metadata.invocation_id)
    for suite in suites:
        if suite.unique_id not in found.stored:
            ask_again(artifacts, suite, warehouse, found)
    return found


def _batches(suites: Sequence[Suite]) -> Iterator[list[Suite]]:
    """Suites of `_AT_ONCE` relations at a time; those that share one stay together."""
    by_relation: dict[str | None, list[Suite]] = {}
    for suite in suites:
        by_relation.setdefault(suite.relation_name, []).append(suite)
    groups = list(by_relation.values())
    for start in range(0, len(groups), _AT_ONCE):
        yield [suite for group in groups[start : start + _AT_ONCE] for suite in group]


def _drop_others(stored: dict[str, list[StoredRow]], invocation_id: str | None) -> None:
    """Rows that another run stored say nothing about this one: dbt leaves a table alone when its test breaks."""
    for uid in list(stored):
        ids = {row.pop("invocation_id") for row in stored[uid]}
        if invocation_id is not None and ids != {invocation_id}:
            del stored[uid]


def _union(suites: Sequence[Suite], warehouse: Warehouse) -> dict[str, list[StoredRow]]:
    found = {(suite.relation_name, suite.part): suite.unique_id for suite in suites}
    shared = {suite.relation_name: suite.part is not None for suite in suites}
    relations = list(shared)
    names = {True: "suite_name, ", False: "null as suite_name, "} if any(shared.values()) else {False: ""}
    parts = [
        f"select {index} as suite_index, {names[shared[relation]]}{COLUMNS} from {relation}"
        for index, relation in enumerate(relations)
    ]
    rows: dict[str, list[StoredRow]] = {suite.unique_id: [] for suite in suites}
    for row in warehouse.execute_sample("\nunion all\n".join(parts), _MOST_RULES).dicts():
        values = {name.lower(): value for name, value in row.items()}
        relation, part = relations[int(str(values.pop("suite_index")))], values.pop("suite_name", None)
        # A table that suites share may hold rows of others than those that are asked for.
        suite = found.get((relation, None if part is None else str(part)))
        if suite is not None:
            rows[suite].append(values)
    return rows


def ask_again(artifacts: Artifacts, suite: Suite, warehouse: Warehouse, found: SuiteRows) -> None:
    """Its compiled SQL as it is, if it ran; else, or if that fails, rule by rule."""
    if suite.ran and suite.compiled_code is not None:
        with suppress(WarehouseError):
            found.rerun[suite.unique_id] = warehouse.execute_sample(suite.compiled_code, _MOST_RULES).dicts()
            found.of_now.add(suite.unique_id)
            return
    # It broke in the build (dbt 2 calls that a failure), or its SQL is not known.
    try:
        found.rerun[suite.unique_id] = split_suite(
            artifacts.manifest, suite.unique_id, warehouse.dialect, warehouse.execute_sample
        )
    except AegisError as error:
        found.unavailable[suite.unique_id] = (
            f"its rows are not stored, and its rules could not be run again: {error.message}"
        )
