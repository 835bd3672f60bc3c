"""Which findings one cause explains, and which stand for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from aegis.dbt.artifacts.schema import DependsOn, Manifest, Metadata, Node
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.state import Change
from aegis.domain.kinds import OriginKind
from aegis.domain.report import Cause, Finding
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from aegis.investigate.causes import reconcile
from aegis.investigate.context import FindingState
from aegis.investigate.localise import COPIES, Hop, Origin
from aegis.investigate.placing import Looks
from aegis.investigate.symptoms import Symptom

RAW, STG, MART, OTHER = "source.s.raw.orders", "model.s.stg", "model.s.mart", "model.s.other"
PARENTS = {STG: (RAW,), MART: (STG,), OTHER: ()}


def origin(
    node: str, kind: str = "bad_source_data", column: str = "id", rows: int | None = 5, sure: float = 0.95,
    others: tuple[str, ...] = (), at: str = MART,
) -> Origin:  # fmt: skip
    path = (Hop(at, column, rows, "the finding"), Hop(node, column, rows, "the same fault"))
    return Origin(node, OriginKind(kind), path, sure, others=others)


def state(
    name: str, found: Origin | None, rule_type: str | None = "not_null", severity: Severity = Severity.HIGH,
    level: Level = Level.ERROR, node: str = MART,
) -> FindingState:  # fmt: skip
    result = Result(
        unique_id=f"test.s.{name}", rule_id=name, rule_type=rule_type or "singular", kind=ResultKind.RULE,
        status=Status.FAIL, severity=severity, level=level, node=node, column="id",
    )  # fmt: skip
    finding = Finding(id=name, rule_id=name, result=result, severity=severity, effective_severity=severity)
    return FindingState(0, finding, Symptom(node, rule_type, ("id",)) if rule_type else None, found)


def causes(*states: FindingState, changes: dict[str, Change] | None = None) -> tuple[Sequence[Finding], list[Cause]]:
    children: dict[str, tuple[str, ...]] = {RAW: (STG,), STG: (MART,)}
    manifest = Manifest(metadata=Metadata(), nodes={})
    told, found = reconcile(states, Lineage(children, PARENTS, {}), manifest, changes)
    return told, list(found)


def folded(*states: FindingState, changes: dict[str, Change] | None = None) -> list[tuple[str, ...]]:
    return sorted(cause.finding_ids for cause in causes(*states, changes=changes)[1])


@pytest.mark.parametrize(("rule_type", "together"), [("unique", True), ("not_null", False)])
def test_rows_that_are_there_twice_are_the_duplicates_of_their_keys(rule_type: str, together: bool) -> None:
    keys = replace(origin(RAW), shown=Symptom(RAW, rule_type, ("id",)))
    twice = replace(origin(RAW, column=""), detail=COPIES)
    told = folded(state("F1", keys, rule_type), state("F2", twice, "between", node=OTHER))
    assert told == ([("F1", "F2")] if together else [("F1",), ("F2",)])


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (origin(RAW), origin(RAW), True),
        (origin(RAW), origin(RAW, column="email"), False),
        (origin(RAW), origin(OTHER), False),
        # What is about all rows of a node is one fault, whichever column shows it.
        *((origin(STG, kind), origin(STG, kind, "email"), True)
          for kind in ("join", "lost_rows", "stale", "error", "code_changed")),
        (origin(STG, "logic"), origin(STG, "logic", "email"), False),
    ],
)  # fmt: skip
def test_findings_of_one_origin_are_one_cause(one: Origin, other: Origin, together: bool) -> None:
    found = folded(state("a", one), state("b", other, "unique"))
    assert found == ([("a", "b")] if together else [("a",), ("b",)])


@pytest.mark.parametrize(
    ("doubtful", "together"),
    [
        (origin(STG, "logic", sure=0.65), True),
        # As sure as the other: each is one of its own.
        (origin(STG, "logic", sure=0.95), False),
        # Elsewhere, and not named as an alternative.
        (origin(OTHER, "logic", sure=0.65), False),
        (origin(OTHER, "logic", sure=0.65, others=(RAW,)), True),
        # More than twice the rows of the surer one.
        (origin(STG, "logic", rows=11, sure=0.65), False),
        (origin(STG, "logic", rows=10, sure=0.65), True),
        (origin(STG, "logic", rows=None, sure=0.65), True),
    ],
)
def test_a_doubtful_origin_is_the_surer_one_above_it_if_that_explains_its_rows(
    doubtful: Origin, together: bool
) -> None:
    # A fault of all rows, so that it may explain any column below it.
    above = origin(RAW, "stale", rows=5)
    found = folded(state("sure", above), state("doubtful", doubtful))
    assert found == ([("sure", "doubtful")] if together else [("doubtful",), ("sure",)])


@pytest.mark.parametrize("rule_type", ["custom_sql", "column_exists", "column_type"])
def test_what_no_other_table_can_be_asked_stands_for_itself(rule_type: str) -> None:
    unknown = Origin(MART, OriginKind.UNKNOWN, (), 0.2)
    at_source = origin(RAW, column="", at=RAW)
    assert folded(state("a", origin(RAW)), state("b", unknown, rule_type)) == [("a",), ("b",)]
    assert folded(state("a", at_source, "row_count"), state("b", at_source, rule_type)) == [("a",), ("b",)]


@pytest.mark.parametrize("same", [True, False])
def test_faults_of_two_columns_in_the_same_rows_are_one(same: bool) -> None:
    def at(column: str, kind: str = "logic", node: str = MART) -> FindingState:
        found = replace(origin(node, kind, column), shown=Symptom(node, "not_null", (column,)))
        return state(f"{node}.{column}.{kind}", found)

    states = [
        at("points"),
        at("revenue"),
        at("points", node=STG),
        at("a", "bad_source_data"),
        at("b", "bad_source_data"),
    ]
    manifest = Manifest(metadata=Metadata(), nodes={})
    asked = []

    def share_rows(one: Symptom, other: Symptom) -> bool:
        asked.append({one.columns[0], other.columns[0]})
        return same

    found = reconcile(states, Lineage({}, {}, {}), manifest, None, Looks(share_rows=share_rows))[1]
    assert len(found) == (4 if same else 5)
    # Of other tables, and of data, they are not asked.
    assert all(pair == {"points", "revenue"} for pair in asked)


def test_a_test_that_is_not_understood_belongs_to_a_known_origin_above_it() -> None:
    assert folded(state("a", origin(RAW)), state("b", None, None)) == [("a", "b")]
    assert folded(state("a", origin(OTHER)), state("b", None, None)) == [("a",), ("b",)]
    unknown = Origin(MART, OriginKind.UNKNOWN, (), 0.2)
    assert folded(state("a", unknown, "custom_sql"), state("b", None, None)) == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("raw", "stg", "beside"),
    [(None, None, "a"), (True, False, "a"), (False, True, "b"), (False, False, None), (None, False, "a")],
)
def test_and_not_to_one_without_which_it_is_still_there(raw: bool | None, stg: bool | None, beside: str | None) -> None:
    states = [state("a", origin(RAW)), state("b", origin(STG, "logic")), state("odd", None, None)]
    manifest, lineage = Manifest(metadata=Metadata(), nodes={}), Lineage({RAW: (STG,), STG: (MART,)}, PARENTS, {})
    found = reconcile(
        states, lineage, manifest, None, Looks(explains=lambda one, _odd: raw if one.node == RAW else stg)
    )[1]
    assert {cause.finding_ids for cause in found} >= {(beside, "odd") if beside else ("odd",)}


def test_else_what_changed_above_it_is_said_with_doubt() -> None:
    change = Change(node=STG, what="its SQL", columns=None, rows=False)
    _, [cause] = causes(state("a", None, None), changes={STG: change})
    assert (cause.origin, cause.kind, cause.confidence, cause.kind_text) == (
        STG, "code_changed", 0.5, "its code changed: its SQL",
    )  # fmt: skip
    _, [alone] = causes(state("a", None, None))
    assert (alone.origin, alone.kind, alone.confidence) == (MART, "unknown", 0.2)


@pytest.mark.parametrize(("changed", "kind"), [("seed.s.raw", "bad_source_data"), (STG, "code_changed")])
def test_a_seed_that_changed_is_data(changed: str, kind: str) -> None:
    change = Change(changed, "its file differs", None, rows=True)
    manifest, parents = Manifest(metadata=Metadata(), nodes={}), {MART: (changed,)}
    singular = state("singular", None, None)
    [cause] = reconcile([singular], Lineage({changed: (MART,)}, parents, {}), manifest, {changed: change})[1]
    assert (cause.origin, cause.kind, cause.confidence) == (changed, kind, 0.5)


@pytest.mark.parametrize(("parents", "kind"), [((RAW,), "bad_source_data"), ((RAW, OTHER), "unknown")])
def test_a_test_that_is_not_understood_and_reads_a_source_alone_is_about_its_data(
    parents: tuple[str, ...], kind: str
) -> None:
    one = state("ranges", None, None, node=RAW)
    lineage = Lineage({}, {"test.s.ranges": parents}, {})
    [cause] = reconcile([one], lineage, Manifest(metadata=Metadata(), nodes={}), None)[1]
    assert (cause.origin, cause.kind, cause.confidence) == (RAW, kind, 0.9 if kind != "unknown" else 0.2)


def test_a_late_source_is_its_own_origin_and_says_how_late() -> None:
    one = state("source_freshness.raw.orders", None, None, node=RAW)
    result = one.finding.result.model_copy(update={"kind": ResultKind.FRESHNESS, "observed": "3 d 2 h old"})
    late = replace(one, finding=one.finding.model_copy(update={"result": result}))
    missing = state("rows", origin(RAW, "stale"))
    _, [alone] = causes(late)
    assert (alone.origin, alone.kind, alone.title) == (RAW, "stale", "source.s.raw.orders is late")
    assert alone.kind_text == "stale or partial upstream: 3 d 2 h old"
    # Rows that did not come are of the same cause.
    assert folded(late, missing) == [("rows", "source_freshness.raw.orders")]


def test_causes_come_worst_first_and_drafts_last() -> None:
    found = causes(
        state("draft", origin(RAW, column="x"), severity=Severity.CRITICAL, level=Level.NONE),
        state("low", origin(RAW, column="y"), severity=Severity.LOW),
        state("high", origin(RAW, column="z")),
        state("more_1", origin(STG, "logic", "w")),
        state("more_2", origin(STG, "logic", "w")),
    )[1]
    assert [cause.finding_ids[0] for cause in found] == ["more_1", "high", "low", "draft"]
    assert [cause.id for cause in found] == ["C1", "C2", "C3", "C4"]


def test_every_finding_knows_its_cause_and_keeps_its_own_origin() -> None:
    told, [cause] = causes(state("a", origin(RAW)), state("b", origin(RAW, sure=0.8)))
    assert [one.cause_id for one in told] == [cause.id, cause.id]
    assert [one.rca.confidence for one in told if one.rca] == [0.95, 0.8]
    assert [hop.node for hop in cause.path] == [RAW, MART]


@pytest.mark.parametrize(
    ("found", "rule_type", "title"),
    [
        (origin(RAW), "not_null", "source.s.raw.orders arrived with NULL in id"),
        (origin(STG, "logic"), "unique", "model.s.stg: duplicate id"),
        (origin(STG, "lost_rows"), "foreign_key", "rows missing from model.s.stg"),
        (origin(STG, "error"), "not_null", "model.s.stg could not be built"),
        (origin(STG, "logic"), "custom_sql", "model.s.stg: a does not hold"),
        (
            replace(origin(RAW), path=(Hop(MART, "id", 5, "the finding"), Hop(RAW, "a", None, "…", "made_from"))),
            "between", "source.s.raw.orders arrived with bad values behind id",
        ),
    ],
)  # fmt: skip
def test_a_title_says_what_is_wrong_where_it_began(found: Origin, rule_type: str, title: str) -> None:
    assert causes(state("a", found, rule_type))[1][0].title == title


def test_a_test_of_several_tables_that_nothing_is_known_of_names_them_all() -> None:
    """None of them is likelier than the others."""
    unknown = state("sums", None, None)
    test = Node(unique_id="test.s.sums", resource_type="test", depends_on=DependsOn(nodes=[STG, OTHER]))
    manifest = Manifest(metadata=Metadata(), nodes={test.unique_id: test})
    _, (cause,) = reconcile([unknown], Lineage({}, PARENTS, {}), manifest, None)
    assert cause.title == "sums does not hold"
    assert cause.kind_text == f"could not be traced further; the test reads {STG} and {OTHER}"


@pytest.mark.parametrize("changed", [False, True])
def test_a_unit_test_is_about_its_model_alone(changed: bool) -> None:
    unit = state("u", None, None)
    result = unit.finding.result.model_copy(update={"kind": ResultKind.UNIT_TEST})
    unit = replace(unit, finding=unit.finding.model_copy(update={"result": result}))
    node = MART if changed else STG
    changes = {node: Change(node=node, what="its SQL", columns=None, rows=False)}
    _, found = causes(state("a", origin(RAW)), unit, changes=changes)
    own = next(one for one in found if one.finding_ids == ("u",))
    assert (own.origin, own.kind) == (MART, "code_changed" if changed else "logic")
