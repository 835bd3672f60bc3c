"""Proposals that need no model: made for the plain faults, tried, and handed out only where they do no harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aegis.dbt.artifacts.schema import DependsOn, Node, NodeConfig
from aegis.domain.kinds import OriginKind
from aegis.domain.report import Hop, Rca
from aegis.domain.results import ResultKind
from aegis.investigate.query_budget import QueryBudget
from aegis.investigate.remediate.pipeline import FixSet, remediate
from aegis.investigate.remediate.target import TrialContext, fix_target
from aegis.investigate.remediate.trial import try_sql
from aegis.investigate.symptoms import Symptom
from aegis.warehouse.base import SandboxLimits
from aegis.warehouse.duckdb_files import DuckDbFiles
from tests.unit.investigate.remediate import shop

NEAR = "update raw.orders set status = case when id < 25 then 'Shiped' else ' PLACED' end where id between 20 and 29"
COPIES = "insert into raw.orders select * from raw.orders where id between 20 and 29"
VERSIONS = (
    "insert into raw.orders select * replace (updated_at + interval 1 day as updated_at, 'web2' as kind) "
    "from raw.orders where id between 20 and 29"
)


def remedies(path: Path, rule: str, **fields: Any) -> FixSet:
    made = shop.bench(path, **fields)
    found = remediate(shop.finding(rule, rca=shop.arrived()), shop.symptom(rule, made.manifest), made)
    made.budget.warehouse.close()
    return found


@pytest.mark.parametrize(
    ("rule", "breaks", "failed"),
    [
        ("status", NEAR, 10),
        ("status", "update raw.orders set status = upper(status) || ' ' where id between 20 and 29", 10),
        ("id unique", COPIES, 10),
        ("id and code unique", COPIES, 10),
        ("note", "update raw.orders set note = '  ' where id between 20 and 29", 10),
        ("code", "update raw.orders set code = ' ' || code where id between 20 and 29", 10),
    ],
)
def test_a_plain_fault_has_a_verified_fix(tmp_path: Path, rule: str, breaks: str, failed: int) -> None:
    path = shop.make(tmp_path / "shop.duckdb", breaks)
    before = shop.fingerprint(path)
    found = remedies(path, rule)
    best = found.suggested[0]
    assert (best.trial.verdict, best.trial.rows_changed, best.kind, best.table) == (
        "verified", failed, "data_fix", "raw.orders",
    )  # fmt: skip
    assert best.caveat and best.trial.undo and best.trial.why is None
    assert shop.fingerprint(path) == before


def test_rows_without_a_partner_are_not_deleted_with_a_tick(tmp_path: Path) -> None:
    path = shop.make(
        tmp_path / "shop.duckdb", "update raw.orders set customer_id = 9000 + id where id between 20 and 29"
    )
    [best] = remedies(path, "customer").suggested
    assert (best.trial.verdict, best.trial.rows_changed) == ("partial", 10)
    assert best.trial.why == f"the rule passes, but {DELETED}" and best.trial.undo


def test_rows_of_one_key_that_differ_are_put_aside_with_a_caveat(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", VERSIONS)
    found = remedies(path, "id unique")
    [best] = found.suggested
    assert best.trial.verdict == "partial" and "the latest by updated_at" in str(best.caveat)
    assert "loses data" in str(best.trial.why) and "that differ" in str(best.trial.why)
    assert best.confidence is not None and best.confidence < 0.5
    assert found.dropped == ()  # none of them is a copy of another: to remove copies is not tried


def test_a_fix_by_spelling_is_not_made_of_personal_values(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", NEAR)
    found = remedies(path, "status", personal=lambda column, table: (column, table) == ("status", "raw.orders"))
    assert found.suggested == () and "does not say what is right" in str(found.why)


def test_what_does_harm_is_handed_back_apart(tmp_path: Path) -> None:
    # Half of the rows have no partner: to put them aside would be to lose the table.
    path = shop.make(tmp_path / "shop.duckdb", "delete from raw.customers where id > 10")
    found = remedies(path, "customer")
    assert found.suggested == ()
    assert [one.trial.verdict for one in found.dropped] == ["harmful"]
    assert "of 200 different rows" in str(found.dropped[0].trial.why)


DELETED = "rows were deleted rather than repaired"


def test_rows_that_others_point_at_are_not_removed(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", "update raw.orders set customer_id = 9001 where id = 105")
    known = shop.manifest(payments=shop.payments_test())
    [dropped] = remedies(path, "customer", known=known).dropped
    assert dropped.trial.verdict == "harmful" and "payments_of_orders fails for 1 instead of 0" in str(
        dropped.trial.why
    )
    assert remedies(path, "customer").suggested[0].trial.why == "the rule passes, but " + DELETED


def test_what_came_late_is_loaded_again(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", "delete from raw.customers where id > 19")
    made = shop.bench(path)
    late = Rca(origin=shop.CUSTOMERS, kind=OriginKind.STALE, confidence=0.8)
    [one] = remediate(shop.finding("customer", rca=late), shop.symptom("customer", made.manifest), made).suggested
    assert (one.kind, one.table, one.trial.verdict) == ("upstream_action", "raw.customers", "not tried")
    assert one.sql == "Load raw.customers again, then run: dbt build --select source:raw.customers+"


def test_code_that_is_wrong_is_not_mended_by_rows(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", NEAR)
    made = shop.bench(path)
    wrong = Rca(origin=shop.ORDERS, kind=OriginKind.LOGIC, confidence=0.8)
    found = remediate(shop.finding("status", rca=wrong), shop.symptom("status", made.manifest), made)
    assert found == FixSet(why=found.why) and "next build" in str(found.why)


def model(name: str, materialized: str) -> Node:
    return Node(
        unique_id=f"model.shop.{name}", name=name, resource_type="model", database="shop", schema_="main",
        relation_name=f'"shop"."main"."{name}"', config=NodeConfig(materialized=materialized),
        depends_on=DependsOn(nodes=[shop.ORDERS]),
    )  # fmt: skip


def test_a_fault_that_came_from_above_is_fixed_above(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", NEAR, "create view main.mart as select status as state from raw.orders")
    made = shop.bench(path, shop.manifest(mart=model("mart", "view")))
    hops = tuple(
        Hop(node=node, table=table, column=column, asked="it")
        for node, table, column in (("model.shop.mart", "mart", "state"), (shop.ORDERS, "raw.orders", "status"))
    )
    rca = Rca(origin=shop.ORDERS, kind=OriginKind.BAD_SOURCE_DATA, path=hops, confidence=0.9)
    symptom = Symptom("model.shop.mart", "accepted_values", ("state",), {"values": shop.STATUSES})
    [best, *_] = remediate(shop.finding("status", "model.shop.mart", rca), symptom, made).suggested
    assert best.table == "raw.orders" and best.trial.verdict == "verified"
    assert best.sql.startswith('UPDATE "shop"."raw"."orders" SET "status"')


def test_a_view_has_no_rows_to_fix(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", NEAR, "create view main.mart as select * from raw.orders")
    made = shop.bench(path, shop.manifest(mart=model("mart", "view")))
    symptom = Symptom("model.shop.mart", "accepted_values", ("status",), {"values": shop.STATUSES})
    found = remediate(shop.finding("status", "model.shop.mart"), symptom, made)
    assert found.suggested == () and found.why == "mart, where it began, is a view: it has no rows of its own to fix"


def test_a_table_that_dbt_builds_is_said_to_be_built_again(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", NEAR, "create table main.mart as select * from raw.orders")
    made = shop.bench(path, shop.manifest(mart=model("mart", "table")))
    symptom = Symptom("model.shop.mart", "accepted_values", ("status",), {"values": shop.STATUSES})
    [best, *_] = remediate(shop.finding("status", "model.shop.mart"), symptom, made).suggested
    assert "the next build writes it again" in str(best.caveat)


@pytest.mark.parametrize(
    ("sql", "verdict", "why"),
    [
        ("drop table raw.orders", "refused", "the SQL is DROP, not a change of rows"),
        ("delete from raw.customers where id = 1", "refused", "is not the table to be fixed"),
        ("update raw.orders set status = 'x' where 1 = 1", "refused", "names no column"),
        ("update raw.orders set nothing = 'x' where id = 1", "refused", "the database cannot run it"),
        ("delete from raw.orders where id in (select id from raw.unknown)", "refused", "dbt knows no table"),
        ("delete from raw.orders where id in (select id from main.customers)", "refused", "dbt knows no table"),
        ("update raw.orders set status = cast(code as int) where id = 1", "refused", "the database cannot run it"),
    ],
)
def test_what_cannot_be_run_is_refused_and_says_why(tmp_path: Path, sql: str, verdict: str, why: str) -> None:
    trial = try_sql(sql, shop.case(shop.make(tmp_path / "shop.duckdb", NEAR), "status"))
    assert (trial.verdict, why in str(trial.why)) == (verdict, True), trial


def test_what_cannot_be_tried_says_why(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", NEAR)
    fix = "update raw.orders set status = 'placed' where status = ' PLACED'"
    small = try_sql(fix, shop.case(path, "status", limits=SandboxLimits(rows=100)))
    assert small.verdict == "not tried" and "200 rows, more than the 100" in str(small.why)

    class Bare:
        """A warehouse without the capability."""

        dialect = "duckdb"

        def __init__(self) -> None:
            self._real = DuckDbFiles({"shop": path})
            self.execute_sample, self.execute_scalar = self._real.execute_sample, self._real.execute_scalar
            self.connect, self.close = self._real.connect, self._real.close

    made = TrialContext(shop.manifest(), QueryBudget(Bare()))
    case = fix_target(shop.finding("status"), shop.symptom("status", made.manifest), made)
    plain = try_sql(fix, case)
    assert (plain.verdict, plain.why) == ("not tried", "there is no sandbox for duckdb")
    suggested = remediate(shop.finding("status"), shop.symptom("status", made.manifest), made).suggested
    assert suggested and {one.trial.verdict for one in suggested} == {"not tried"}


def test_a_rule_that_passes_by_now_needs_no_fix(tmp_path: Path) -> None:
    trial = try_sql("delete from raw.orders where id = 1", shop.case(shop.make(tmp_path / "shop.duckdb"), "status"))
    assert trial.verdict == "useless" and "does not fail" in str(trial.why)


@pytest.mark.parametrize(
    ("rule", "breaks", "sql"),
    [
        ("status", NEAR, "update raw.orders set status = 'shipped' where status = 'Shiped'"),
        ("status", NEAR, "update raw.orders as o set status = 'shipped' where o.status = 'Shiped'"),
        ("id unique", COPIES, "delete from raw.orders where rowid in (select rowid from (select rowid, row_number() "
                              "over (partition by id order by rowid) as n from raw.orders) as d where n > 1)"),
        ("email not null", "update raw.orders set email = null where id < 5",
         "update raw.orders set email = c.email from raw.customers c where c.id = orders.customer_id and email is null "
         .replace("and email", "and orders.email")),
        ("id and code unique", COPIES, "delete from raw.orders where rowid >= 205 and id < 30"),
    ],
)  # fmt: skip
def test_the_undo_gives_back_the_table_row_by_row(tmp_path: Path, rule: str, breaks: str, sql: str) -> None:
    path = shop.make(tmp_path / "shop.duckdb", breaks)
    case = shop.case(path, rule)
    trial = try_sql(sql, case)
    assert trial.undo and trial.verdict in ("verified", "partial")
    case.bench.budget.warehouse.close()
    keep, _, restore = trial.undo.partition("-- To take it back:")
    with duckdb.connect(str(path)) as connection:
        rows = "select * from raw.orders order by all"
        before = connection.execute(rows).fetchall()
        connection.execute(keep)
        connection.execute(sql)
        assert connection.execute(rows).fetchall() != before
        for statement in restore.strip().split(";"):
            connection.execute(statement)
        assert connection.execute(rows).fetchall() == before


def test_rules_whose_tables_were_never_built_go_unasked_and_are_named(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", NEAR, "drop table raw.payments")
    [best, *_] = remedies(path, "status", known=shop.manifest(payments=shop.payments_test())).suggested
    assert (best.trial.verdict, best.trial.why) == (
        "verified",
        "not checked, because they cannot run there: payments_of_orders",
    )


def test_no_value_of_a_personal_column_is_told(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", "update raw.orders set email = null where id < 5")
    case = shop.case(path, "email not null", personal=lambda column, _table: column == "email")
    trial = try_sql("update raw.orders set email = 'jane' where email is null", case)
    assert trial.verdict == "harmful" and "jane" not in str(trial.why) and "puts a value" in str(trial.why)


def test_a_constant_by_way_of_another_table_is_made_up_all_the_same(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb", "update raw.orders set email = null where id < 5")
    case = shop.case(path, "email not null")
    fix = (
        "merge into raw.orders o using raw.customers c on o.customer_id = c.id "
        "when matched and o.email is null then update set email = {}"
    )
    assert try_sql(fix.format("'unknown'"), case).verdict == "harmful"
    assert try_sql(fix.format("c.email"), case).verdict == "verified"


@pytest.mark.parametrize(
    ("kind", "why"), [(ResultKind.UNIT_TEST, "a unit test has rows of its own"), (ResultKind.TEST, "is not understood")]
)
def test_what_is_no_question_about_rows_says_why_it_has_no_fix_of_them(
    tmp_path: Path, kind: ResultKind, why: str
) -> None:
    made = shop.case(shop.make(tmp_path / "shop.duckdb"), "status").bench
    finding = shop.finding("status")
    finding = finding.model_copy(update={"result": finding.result.model_copy(update={"kind": kind})})
    found = remediate(finding, None, made)
    assert not found.suggested and why in (found.why or "")
