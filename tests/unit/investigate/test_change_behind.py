"""A change further up is tried at the finding itself; keys and arithmetic that speak for or against the code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from aegis.dbt.artifacts.read import compiled_sqls
from aegis.dbt.artifacts.schema import DependsOn, Node
from aegis.dbt.graph.column_lineage import LineageIndex
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.state import Change
from aegis.domain.kinds import OriginKind
from aegis.investigate.checks import CheckRunner
from aegis.investigate.localise import Origin, TraceContext
from aegis.investigate.localise.proof import explains
from aegis.investigate.localise.walk import Walk
from aegis.investigate.query_budget import Bounds, QueryBudget
from aegis.investigate.symptoms import Symptom
from aegis.warehouse.duckdb_files import DuckDbFiles
from tests.unit.investigate.lab import Lab

RAW, STG, MONTHS, CHURN, MRR = (
    "source.shop.raw.periods", "model.shop.stg", "model.shop.months", "model.shop.churn", "model.shop.mrr",
)  # fmt: skip
PERIODS = "select i as id, i % 10 as customer, i // 10 as month, 10 as amount from range(40) as t(i)"
MODELS = {
    "stg": "select id, customer, month, amount from lab.raw.periods",
    "months": "select customer, month, amount from lab.main.stg",
    "churn": "select customer, max(month) + 1 as month, 0 as amount from lab.main.months group by customer",
    "mrr": "select customer, month, amount from lab.main.months union all "
    "select customer, month, amount from lab.main.churn",
}
TWICE = Symptom(MRR, "composite_unique", ("customer", "month"))


def changed(node: str, before: str | None, **more: Any) -> dict[str, Change]:
    return {node: Change(node, "which rows it has", None, rows=True, before=before, **more)}


def origin(
    tmp_path: Path, symptom: Symptom = TWICE, periods: str = PERIODS, known: dict[str, Any] | None = None, **models: str
) -> Origin:
    return Lab(tmp_path, {"periods": periods}, {**MODELS, **models}).origin(symptom, **(known or {}))


def test_a_change_that_no_parent_shows_is_found_by_the_code_of_before(tmp_path: Path) -> None:
    now = MODELS["churn"].replace("max(month) + 1", "max(month)")
    found = origin(tmp_path, churn=now, known={"changes": changed(CHURN, MODELS["churn"])})
    assert (found.node, found.kind, found.detail) == (CHURN, "code_changed", "which rows it has")
    [proof] = [one for one in found.proofs if one.before]
    assert (proof.node, proof.above, proof.left, proof.now) == (MRR, CHURN, 0, 10)


def test_all_between_is_made_anew(tmp_path: Path) -> None:
    before = MODELS["stg"]
    now = before.replace("month, amount", "case when id = 39 then 2 else month end as month, amount")
    found = origin(tmp_path, stg=now, known={"changes": changed(STG, before)})
    assert (found.node, found.kind) == (STG, "code_changed")


@pytest.mark.parametrize("before", [MODELS["churn"], None, "select 1 as other", "select * from lab.raw.gone"])
def test_a_change_with_which_nothing_is_gone_is_innocent(tmp_path: Path, before: str | None) -> None:
    twice = f"{MODELS['months']} union all {MODELS['months']} where customer = 3"
    found = origin(tmp_path, months=twice, known={"changes": changed(CHURN, before)})
    assert found.kind != "code_changed"


def test_a_model_that_keeps_rows_of_before_is_not_made_anew_for_it(tmp_path: Path) -> None:
    # Its SQL reads itself: without the rows of before it would be another table.
    now = MODELS["churn"].replace("max(month) + 1", "max(month)")
    mrr = f"{MODELS['mrr']} union all select customer, month, amount from lab.raw.periods where id < 0"
    found = origin(tmp_path, churn=now, mrr=mrr, known={"changes": changed(CHURN, "delete from lab.main.churn")})
    assert found.kind != "code_changed"


def test_a_column_that_the_table_above_never_had_as_a_key_is_no_fault_there(tmp_path: Path) -> None:
    last = "select customer, month, amount from lab.main.months where month >= 2"
    found = origin(tmp_path, Symptom(CHURN, "unique", ("customer",)), churn=last)
    assert (found.node, found.kind, found.confidence) == (CHURN, "logic", 0.8)
    assert found.others[0] == MONTHS


def test_unless_it_is_said_to_be_one(tmp_path: Path) -> None:
    last = "select customer, month, amount from lab.main.months where month >= 2"
    unique = {node: frozenset({frozenset({"customer"})}) for node in (MONTHS, STG, RAW)}
    found = origin(tmp_path, Symptom(CHURN, "unique", ("customer",)), churn=last, known={"unique": unique})
    assert found.node == RAW


def test_or_nearly_was_one(tmp_path: Path) -> None:
    once = "select i as id, i as customer, 1 as month, 10 as amount from range(40) as t(i)"
    twice = f"{once} union all select 90, 3, 2, 10 union all select 91, 4, 2, 10"
    last = "select customer, month, amount from lab.main.months where customer < 30"
    found = origin(tmp_path, Symptom(CHURN, "unique", ("customer",)), periods=twice, churn=last)
    assert (found.node, found.kind) == (RAW, "bad_source_data")


def test_or_all_its_rows_are_passed_on(tmp_path: Path) -> None:
    same = "select customer, month, amount from lab.main.months"
    found = origin(tmp_path, Symptom(CHURN, "unique", ("customer",)), churn=same)
    assert found.node == RAW


DOLLARS = MODELS["stg"].replace("amount from", "(amount / 100)::numeric(16, 2) as amount from")
LARGE = Symptom(STG, "max_value_check", ("amount",), {"max_value": 5})


@pytest.mark.parametrize(
    ("sql", "odd", "node"),
    [
        (DOLLARS, 3, RAW),
        (DOLLARS.replace("(amount / 100)", "((amount + customer) / 100)"), 3, RAW),
        # So many that the arithmetic may be what is wrong.
        (DOLLARS, 30, STG),
        # A condition may hit a few rows alone.
        (DOLLARS.replace("(amount / 100)", "(case when customer = 3 then amount else amount / 100 end)"), 3, STG),
    ],
)
def test_arithmetic_that_is_the_same_for_all_rows_and_wrong_for_few_is_not_at_fault(
    tmp_path: Path, sql: str, odd: int, node: str
) -> None:
    periods = PERIODS.replace("10 as amount", f"case when i < {odd} then 10000 else 10 end as amount")
    found = origin(tmp_path, LARGE, periods=periods, stg=sql)
    assert found.node == node
    if node == RAW:
        assert (found.kind, found.confidence) == ("bad_source_data", 0.8)
        assert found.path[-1].asked == "what it is made from, by the same arithmetic for every row"


def test_where_a_condition_may_be_at_fault_a_trial_without_the_odd_numbers_tells_that_they_are(tmp_path: Path) -> None:
    periods = PERIODS.replace("10 as amount", "case when i < 3 then 10000 else 10 end as amount")
    sql = DOLLARS.replace("(amount / 100)", "(coalesce(amount, 900) / 100)")
    found = origin(tmp_path, LARGE, periods=periods, stg=sql)
    assert (found.node, found.kind, found.detail) == (RAW, "bad_source_data", "amount out of the ordinary")
    assert (found.proofs[-1].taken, found.proofs[-1].left, found.proofs[-1].now) == (3, 0, 3)


SUMS = "select customer, sum(amount) as total from lab.main.months group by customer"
TEST = (
    "select s.customer from lab.main.sums as s join lab.main.churn as c on c.customer = s.customer where s.total < {}"
)


@pytest.mark.parametrize(
    ("sql", "gone"),
    [
        (TEST.format(0), True),  # of the negative amounts
        (TEST.format(90), False),  # of all customers, whatever they are
        (TEST.format(-5000), None),  # nobody fails now
        ("select * from lab.main.sums where nextval('s') < total", None),
        ("select * from lab.raw.gone", None),
    ],
)
def test_a_test_that_nobody_understands_is_explained_by_what_takes_its_rows_away(
    tmp_path: Path, sql: str, gone: bool | None
) -> None:
    periods = PERIODS.replace("10 as amount", "case when i in (3, 13) then -900 else 10 end as amount")
    lab = Lab(tmp_path, {"periods": periods}, {**MODELS, "sums": SUMS})
    bad = Symptom(RAW, "min_value_check", ("amount",), {"min_value": 0}, dialect="duckdb")
    assert explained(lab, Origin(RAW, OriginKind.BAD_SOURCE_DATA, (), 0.95, shown=bad), sql) is gone


def test_or_by_the_code_of_before(tmp_path: Path) -> None:
    now = MODELS["churn"].replace("max(month) + 1", "max(month)")
    lab = Lab(tmp_path, {"periods": PERIODS}, {**MODELS, "churn": now, "sums": SUMS})
    sql = "select m.customer from lab.main.months as m join lab.main.churn as c using (customer, month)"
    found = Origin(CHURN, OriginKind.CODE_CHANGED, (), 0.95)
    assert explained(lab, found, sql, changed(CHURN, MODELS["churn"])) is True
    assert explained(lab, found, sql, changed(CHURN, now)) is False
    assert explained(lab, found, sql, {}) is None


def explained(lab: Lab, origin: Origin, sql: str, changes: dict[str, Change] | None = None) -> bool | None:
    """Whether the origin explains a test of this SQL on ``sums``, ``churn`` and ``months``."""
    made = lab.artifacts()
    test = Node(
        unique_id="test.shop.odd", resource_type="test", depends_on=DependsOn(nodes=["model.shop.sums", CHURN, MONTHS])
    )
    manifest = structs.replace(made.manifest, nodes={**made.manifest.nodes, test.unique_id: test}, parent_map=None)
    nodes = [*manifest.nodes, RAW]
    index = LineageIndex(manifest, "duckdb", {}, compiled_sqls(replace(made, manifest=manifest), nodes))
    known = TraceContext(lineage=Lineage.of(manifest), column_lineages=index, changes=changes)
    checks = CheckRunner(manifest, QueryBudget(DuckDbFiles({"lab": lab.folder / "lab.duckdb"}), Bounds()))
    return explains(origin, test.unique_id, sql, Walk(known, checks))
