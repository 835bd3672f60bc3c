"""Duplicates of computed keys, NULLs behind two joins, groups that are not one row for each key, texts in capitals."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.investigate.localise import Origin
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.lab import Lab

RACES = "select i as race_id, 'r' || i as race_ref, i % 4 as circuit_id from range(20) as t(i)"
CIRCUITS = "select i as circuit_id, 'c' || i as circuit_ref from range(4) as t(i)"
LAPS = "select i // 10 as race_id, i % 10 as lap, 60 + i as seconds from range(200) as t(i)"
MODELS = {
    "laps": "select md5(cast(r.race_ref as varchar) || '-' || cast(l.lap as varchar)) as lap_ref, l.seconds, "
    "c.circuit_ref from lab.raw.laps as l left join lab.raw.races as r on l.race_id = r.race_id "
    "left join lab.raw.circuits as c on r.circuit_id = c.circuit_id",
}
ONE_ROW = Symptom("model.shop.laps", "unique", ("lap_ref",))
CIRCUIT = Symptom("model.shop.laps", "not_null", ("circuit_ref",))


def origin(folder: Path, symptom: Symptom, **sources: str) -> Origin:
    raw = {"laps": LAPS, "races": RACES, "circuits": CIRCUITS, **sources}
    return Lab(folder, raw, MODELS).origin(symptom, changes={})


def test_duplicates_of_a_computed_key_are_those_of_what_it_is_made_of(tmp_path: Path) -> None:
    again = f"{LAPS} union all select i // 10, i % 10, 67 + i from range(10) as t(i)"
    found = origin(tmp_path, ONE_ROW, laps=again)
    assert (found.node, found.kind) == ("source.shop.raw.laps", "bad_source_data")
    assert [hop.column for hop in found.path] == ["lap_ref", "lap, race_id"]
    assert found.proofs[-1].left == 0


def test_a_computed_key_that_names_another_twice_is_told_of_the_other(tmp_path: Path) -> None:
    found = origin(tmp_path, ONE_ROW, races=RACES.replace("'r' || i", "'r' || i % 19"))
    assert found.node == "source.shop.raw.races"


def test_a_table_joined_by_a_column_of_one_without_a_partner_is_not_at_fault(tmp_path: Path) -> None:
    found = origin(tmp_path, CIRCUIT, races=f"{RACES} where i < 18")
    assert (found.node, found.kind) == ("source.shop.raw.races", "stale")
    direct = tmp_path / "direct"
    direct.mkdir()
    found = origin(direct, CIRCUIT, circuits=f"{CIRCUITS} where i < 3")
    assert (found.node, found.kind) == ("source.shop.raw.circuits", "stale")


STATES = "select i % 50 as order_id, case when i = 57 then 'paid' else 'open' end as state from range(100) as t(i)"
ORDERS = "select i as order_id from range(50) as t(i)"


def test_a_model_that_groups_by_more_than_its_key_is_likelier_than_the_join(tmp_path: Path) -> None:
    models = {
        "times": "select order_id, state, count(*) as changes from lab.raw.states group by order_id, state",
        "orders": "select o.order_id, t.changes from lab.raw.orders as o left join lab.main.times as t on t.order_id = "
        "o.order_id",
    }
    lab = Lab(tmp_path, {"states": STATES, "orders": ORDERS}, models)
    found = lab.origin(Symptom("model.shop.orders", "unique", ("order_id",)))
    assert (found.node, found.kind, found.others[0]) == ("model.shop.times", "logic", "model.shop.orders")
    assert found.detail == "it has several rows for one order_id" and found.confidence < 0.7


@pytest.mark.parametrize(
    ("made", "node"), [("upper(trim(state))", "source.shop.raw.states"), ("substr(state, 1, 3)", "model.shop.stg")]
)
def test_capitals_spare_no_row_and_parts_of_texts_may(tmp_path: Path, made: str, node: str) -> None:
    lab = Lab(tmp_path, {"states": STATES}, {"stg": f"select order_id, {made} as state from lab.raw.states"})
    found = lab.origin(Symptom("model.shop.stg", "accepted_values", ("state",), {"values": ["OPEN", "ope"]}))
    assert found.node == node
