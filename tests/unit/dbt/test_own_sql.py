"""What of a report is the user's own SQL, and no data."""

from __future__ import annotations

from pathlib import Path

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.pii import own_sql
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity
from tests.unit.dbt.targets import model, rule, suite, write_target

ORDERS = "model.shop.orders"


def test_values_that_a_rule_of_a_suite_was_given_are_the_users_own(tmp_path: Path) -> None:
    given = rule("r", "accepted_values", column="status", values=["gone away", "it's here"])
    target = write_target(tmp_path, [model("orders"), suite("s", ORDERS, given)])
    artifacts = read_artifacts(target)
    failed = Result(
        unique_id="test.shop.s", rule_id="r", rule_type="accepted_values", kind=ResultKind.RULE, status=Status.FAIL,
        severity=Severity.HIGH, node=ORDERS,
    )  # fmt: skip
    known = ", ".join(own_sql(artifacts.manifest, Lineage.of(artifacts.manifest), [failed]))
    assert "'gone away'" in known and "'it''s here'" in known
