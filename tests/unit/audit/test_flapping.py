"""Rules that pass now and fail then."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aegis.audit import AuditTrail
from aegis.audit.flapping import flips
from aegis.domain.results import Status
from aegis.errors import AuditError
from tests.unit.audit.support import MOMENT, a_report, a_result, tamper

SIGNS = {"p": Status.PASS, "f": Status.FAIL, "w": Status.WARN, "e": Status.ERROR, "s": Status.SKIPPED, " ": None}


def statuses(signs: str) -> tuple[Status | None, ...]:
    return tuple(SIGNS[sign] for sign in signs)


def record(trail: AuditTrail, builds: Iterable[dict[str, Status | None]], **fields: object) -> None:
    """A run for each build, in order, with the rules that are in it."""
    for number, build in enumerate(builds):
        moment = MOMENT + timedelta(hours=number)
        results = tuple(a_result(rule, status=status) for rule, status in build.items() if status is not None)
        trail.finish_run(a_report(f"r_{number}", results, started_at=moment, finished_at=moment, **fields))


def naive(signs: str) -> int:
    """What the definition says, in the plainest words: leave out what is no verdict, then count changes."""
    told = signs.replace("w", "f").replace("e", "").replace("s", "").replace(" ", "")
    return told.count("pf") + told.count("fp")


@given(st.text("pfwes ", max_size=40))
def test_flips_are_as_many_as_a_naive_count_says(signs: str) -> None:
    assert len(flips(statuses(signs))) == naive(signs)


@pytest.mark.parametrize(
    ("signs", "number"),
    [("pp", 0), ("pf", 1), ("pfp", 2), ("fw", 0), ("pep", 0), ("pef", 1), ("e", 0), ("", 0), ("p f", 1)],
)
def test_errors_skips_and_absence_are_no_verdicts(signs: str, number: int) -> None:
    assert len(flips(statuses(signs))) == number


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), st.text("pfwes ", min_size=12, max_size=12), min_size=1),
    st.integers(2, 14),
    st.integers(1, 4),
)
def test_a_trail_gives_each_rule_its_statuses_and_flips_of_the_last_runs(
    rules: dict[str, str], runs: int, least: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, AuditTrail.open(Path(folder) / "history.db") as trail:
        record(trail, ({rule: SIGNS[signs[n]] for rule, signs in rules.items()} for n in range(12)))
        found = trail.flapping(runs=runs, least=least)
    kept = {rule: signs[-runs:] for rule, signs in rules.items()}
    assert {one.rule_id: (one.statuses, one.flips) for one in found.rules} == {
        rule: (statuses(signs), naive(signs)) for rule, signs in kept.items() if naive(signs) >= least
    }
    assert [one.flips for one in found.rules] == sorted((one.flips for one in found.rules), reverse=True)


def test_the_last_flip_is_told_with_its_run(trail: AuditTrail) -> None:
    record(trail, ({"r": SIGNS[sign]} for sign in "pfpep"))
    (rule,) = trail.flapping().rules
    assert (rule.last_flip.run.run_id, rule.last_flip.before, rule.last_flip.after) == ("r_2", Status.FAIL, Status.PASS)
    assert rule.table == "stg_shopify__orders"


def test_a_build_that_was_looked_at_twice_counts_once_and_keeps_its_place(trail: AuditTrail) -> None:
    for name, build, status in (
        ("r_1", "one", Status.ERROR), ("r_2", "two", Status.FAIL),
        ("r_3", "one", Status.PASS), ("r_4", "two", Status.PASS),
    ):  # fmt: skip
        trail.finish_run(a_report(name, (a_result("r", status=status),), dbt_invocation_id=build))
    found = trail.flapping(least=1)
    # Of build one the second look has the first verdict; of build two the first look has it.
    assert [rule.statuses for rule in found.rules] == [(Status.PASS, Status.FAIL)]
    assert [look.run_id for look in found.runs] == ["r_1", "r_2"]


def test_only_one_place_is_looked_at_by_itself_that_of_the_last_run(trail: AuditTrail) -> None:
    for number, (target, status) in enumerate([("dev", "p"), ("prod", "f"), ("dev", "p"), ("prod", "p"), ("dev", "f")]):
        trail.finish_run(a_report(f"r_{number}", (a_result("r", status=SIGNS[status]),), target=target))
    assert [rule.statuses for rule in trail.flapping(least=1).rules] == [statuses("ppf")]
    assert [rule.statuses for rule in trail.flapping(least=1, target="prod").rules] == [statuses("fp")]
    assert trail.flapping(project="elsewhere").runs == ()


def test_a_trail_without_a_finished_run_says_so(trail: AuditTrail) -> None:
    with pytest.raises(AuditError, match="no run has finished yet"):
        trail.flapping()


def test_a_status_that_is_none_is_told_and_not_guessed(trail: AuditTrail, path: Path) -> None:
    trail.finish_run(a_report("r_1"))
    tamper(path, "UPDATE results SET status = 'well'")
    with pytest.raises(AuditError, match="r_1 cannot be read"):
        trail.flapping()
