"""What trails say after merges does not depend on who was merged into whom, how often, and in which order."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aegis.audit import AuditTrail
from aegis.audit.into import merge_into
from aegis.domain.results import Status
from tests.unit.audit.support import MOMENT, a_decision, a_report, a_result, a_start

HOUR = timedelta(hours=1)
UNIVERSE = 7
STATUSES = (Status.PASS, Status.FAIL, Status.PASS, Status.ERROR, Status.FAIL, Status.WARN, Status.PASS)


class Made(NamedTuple):
    """How a trail comes about: runs of the universe, in the order in which they came in; hours kept by a prune."""

    runs: Sequence[int]
    keep: int | None


TRAILS = st.builds(
    Made, st.lists(st.integers(0, UNIVERSE - 1), unique=True, max_size=5), st.none() | st.integers(0, UNIVERSE)
)


@pytest.fixture(scope="module")
def singles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A trail for each run of the universe; one has only begun."""
    folder, found = tmp_path_factory.mktemp("singles"), []
    for number in range(UNIVERSE):
        path, moment, run_id = folder / f"{number}.db", MOMENT + number * HOUR, f"r_{number}"
        with AuditTrail.open(path) as trail:
            trail.start_run(a_start(run_id, started_at=moment, project="shop", target="dev"))
            trail.record_decision(a_decision(run_id))
            if number != 3:
                results = (a_result("one", status=STATUSES[number]), a_result("two", status=STATUSES[-number]))
                trail.finish_run(a_report(run_id, results, started_at=moment, finished_at=moment))
        found.append(path)
    return found


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="aegis-merge-"))
    yield path
    shutil.rmtree(path)


def build(path: Path, made: Made, singles: Sequence[Path]) -> Path:
    merge_into(path, [singles[number] for number in made.runs])
    if made.keep is not None:
        with AuditTrail.open(path) as trail:
            trail.prune(made.keep * HOUR, moment=MOMENT + UNIVERSE * HOUR)
    return path


def merged(*paths: Path) -> Path:
    """A new trail that is a copy of the first, with the others merged in."""
    target = paths[0].with_name(f"{'+'.join(path.stem for path in paths)}.db")
    shutil.copy(paths[0], target)
    merge_into(target, paths[1:])
    return target


def told(path: Path) -> dict[str, Any]:
    """What a trail says, and its chain must hold."""
    with AuditTrail.open(path) as trail:
        verification = trail.verify()
        assert verification.ok, verification.broken
        rows = trail.list_runs(100)
        finished = [row for row in rows if row.finished_at]
        return {
            "runs": rows,
            "last": trail.last_results(project="shop", target="dev"),
            "flapping": trail.flapping(least=1) if finished else None,
            "latest": trail.run_id("latest") if finished else None,
            "found": {hit.run_id for hit in trail.search("shopify")},
        }


EASY = settings(max_examples=12, deadline=None)


@EASY
@given(one=TRAILS, two=TRAILS)
def test_merging_is_idempotent_and_does_not_depend_on_which_way(singles: list[Path], one: Made, two: Made) -> None:
    with folder() as place:
        a, b = build(place / "a.db", one, singles), build(place / "b.db", two, singles)
        there, back = merged(a, b), merged(b, a)
        says = told(there)
        assert says == told(back)
        assert {run.run_id for run in says["runs"]} == {run.run_id for path in (a, b) for run in told(path)["runs"]}
        with AuditTrail.open(there) as trail, AuditTrail.open(a) as first, AuditTrail.open(b) as second:
            assert trail.verify(first.head()).ok and trail.verify(second.head()).ok
        for again in (a, b):
            assert merge_into(there, [again]).sources[0].rows == 0
        assert told(there) == says


@pytest.mark.long  # that two trails may be merged either way is asked every day
@EASY
@given(one=TRAILS, two=TRAILS, three=TRAILS)
def test_merging_does_not_depend_on_what_is_merged_first(
    singles: list[Path], one: Made, two: Made, three: Made
) -> None:
    with folder() as place:
        a, b, c = (
            build(place / f"{name}.db", made, singles) for name, made in zip("abc", (one, two, three), strict=True)
        )
        left, right = merged(merged(a, b), c), merged(a, merged(b, c))
        assert told(left) == told(right) == told(merged(a, b, c))
        with AuditTrail.open(left) as trail:
            for path in (a, b, c):
                with AuditTrail.open(path) as other:
                    assert trail.verify(other.head()).ok
