from __future__ import annotations

from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.skips import skip_reasons
from aegis.domain.results import Status

# a ─► c ─► d      both a and b have the test `both`, only a has the test `one`
# b ───────► d
EDGES = {
    "model.s.a": ("model.s.c", "test.s.one", "test.s.both", "unit_test.s.a.u"),
    "model.s.b": ("model.s.d", "test.s.both"),
    "model.s.c": ("model.s.d",),
}
PARENTS: dict[str, tuple[str, ...]] = {
    child: tuple(parent for parent, children in EDGES.items() if child in children)
    for child in ("model.s.c", "model.s.d", "test.s.one", "test.s.both", "unit_test.s.a.u")
}
GRAPH = Lineage(children=EDGES, parents=PARENTS, exposures={})


def _reasons(**statuses: Status) -> dict[str, str]:
    names = {"both": "test.s.both", "one": "test.s.one", "u": "unit_test.s.a.u"}
    return skip_reasons({names.get(name, f"model.s.{name}"): status for name, status in statuses.items()}, GRAPH)


def test_a_broken_node_stops_all_below_it() -> None:
    reasons = _reasons(a=Status.ERROR, c=Status.SKIPPED, d=Status.SKIPPED)
    assert reasons == dict.fromkeys(("model.s.c", "model.s.d"), "skipped because model a could not run")


def test_a_data_test_stops_only_what_lies_below_all_of_its_nodes() -> None:
    reasons = _reasons(both=Status.FAIL, c=Status.SKIPPED, d=Status.SKIPPED)
    assert reasons == {"model.s.d": "skipped because test both failed"}


def test_a_data_test_of_one_node_does_not_stop_that_node() -> None:
    reasons = _reasons(one=Status.FAIL, a=Status.SKIPPED, c=Status.SKIPPED)
    assert reasons == {"model.s.c": "skipped because test one failed"}


def test_a_unit_test_stops_its_own_model() -> None:
    reasons = _reasons(u=Status.FAIL, a=Status.SKIPPED)
    assert reasons == {"model.s.a": "skipped because unit test a.u failed"}


def test_a_broken_node_is_a_plainer_reason_than_a_failed_test() -> None:
    reasons = _reasons(one=Status.FAIL, c=Status.ERROR, d=Status.SKIPPED)
    assert reasons == {"model.s.d": "skipped because model c could not run"}


def test_a_warning_stops_nothing() -> None:
    assert _reasons(one=Status.WARN, c=Status.SKIPPED) == {}
