"""Aegis is a guest in other people's projects: what it finds there works as before when it is installed.

Each shape runs on every engine in the long tests; a few of them every day.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from integration_tests.engines import Engine, engines
from integration_tests.guest import GUESTS, Guest, names

EVERY_DAY = {("plain_tests_and_sources", "dbt1"), ("tests_set_for_all", "dbt2")}
"""What stands for the rest in `make test`: dbt 1 looks macros up by bare name, dbt 2 is quick."""


def shapes() -> list[object]:
    return [
        pytest.param(name, engine.values[0], id=f"{name}-{engine.id}",
                     marks=[*engine.marks, *([] if (name, engine.id) in EVERY_DAY else [pytest.mark.long])])
        for name in names() for engine in engines()
    ]  # fmt: skip


def test_the_guests_are_the_shapes_that_people_have() -> None:
    assert len(names()) >= 9
    assert {name for name, _ in EVERY_DAY} <= set(names())


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("name", "engine"), shapes())
def test_a_project_gives_the_same_before_and_after_and_its_rules_are_judged_rightly(
    tmp_path: Path, name: str, engine: Engine
) -> None:
    guest = Guest.copied(name, tmp_path, engine)
    if (guest.folder / "packages.yml").exists() or (guest.folder / "dependencies.yml").exists():
        guest.dbt("deps")
    before = guest.build()
    said = {status for status, _, _ in before.values()}
    assert {"pass", "warn"} <= said and said & {"fail", "error"}, f"equality means nothing here: {before}"
    guest.install()
    after, done = guest.run()
    assert {uid: outcome for uid, outcome in after.items() if not guest.is_ours(uid)} == before
    assert any(uid.startswith("test.") and guest.is_ours(uid) for uid in after)
    verdicts = {rule: list(verdict[:2]) for rule, verdict in done.verdicts().items()}
    assert verdicts == guest.expected["rules"], done.err


SIDE_BY_SIDE = {
    "dbt_project.yml": """\
name: side
version: "1.0"
profile: guest
models: {+materialized: table}
data_tests: {+limit: 1, +fail_calc: "0 * count(*)", +store_failures_as: view}
""",
    "macros/own.sql": """\
{% test between(model, column_name) %}select 1 as id where 1 = 0{% endtest %}
{% test not_null(model, column_name) %}select 1 as id union all select 2{% endtest %}
""",
    "models/m.sql": "select * from (values (1, 'a'), (2, null), (300, null)) as t(id, word)\n",
    "models/m.yml": """\
models:
  - name: m
    columns:
      - name: id
        data_tests:
          - between: {config: {fail_calc: "count(*)"}}
          - not_null: {config: {fail_calc: "count(*)", limit: 5}}
          - aegis.between: {arguments: {min_value: 2, max_value: 100}}
          - aegis.unique_rule
      - name: word
        data_tests:
          - aegis.not_null_rule
          - aegis.accepted_values_rule: {arguments: {values: [b]}}
""",
}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_generic_tests_of_the_project_and_of_aegis_stand_side_by_side_whatever_is_set_for_all(
    tmp_path: Path, engine: Engine
) -> None:
    shutil.copytree(GUESTS / "plain_tests_and_sources", tmp_path / "side", ignore=shutil.ignore_patterns("m*", "tests"))
    for name, text in SIDE_BY_SIDE.items():
        (tmp_path / "side" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "side" / name).write_text(text, encoding="utf-8")
    guest = Guest(tmp_path / "side", engine)
    assert guest.aegis("init").code == 0
    guest.dbt("deps")
    found = {uid.split(".")[2]: outcome[:2] for uid, outcome in guest.build().items() if uid.startswith("test.")}
    if not engine.is_dbt2:
        # dbt 1 takes the settings of the project's own `between` for those of ours: an error, and no false verdict.
        assert found.pop("aegis_between_m_id__100__2") == ("error", None)
        found["aegis_between_m_id__100__2"] = ("fail", 2)
    assert found == {
        "between_m_id": ("pass", 0),
        "not_null_m_id": ("fail", 2),
        "aegis_between_m_id__100__2": ("fail", 2),
        "aegis_unique_rule_m_id": ("pass", 0),
        "aegis_not_null_rule_m_word": ("fail", 2),
        "aegis_accepted_values_rule_m_word__b": ("fail", 1),
    }
