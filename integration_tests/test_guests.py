"""Aegis is a guest in other people's projects: what it finds there works as before when it is installed.

Each shape runs on every engine in the long tests; a few of them every day.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests.engines import Engine, engines
from integration_tests.guest import Guest, names

EVERY_DAY = {
    ("plain_tests_and_sources", "dbt1"), ("tests_set_for_all", "dbt2"), ("groups_access_and_versions", "dbt2"),
}  # fmt: skip
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


@pytest.mark.timeout(900)
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
