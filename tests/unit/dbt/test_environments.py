"""Names of tables in two environments: whole names are exchanged, all at once; what was read where is told apart."""

from __future__ import annotations

import pytest

from aegis.dbt.artifacts.schema import DependsOn, Manifest, Metadata, Node, NodeConfig
from aegis.dbt.graph.environments import are_apart, in_names_of, with_deferred


def node(name: str, relation: str | None, compiled: str | None = None, *parents: str) -> Node:
    return Node(
        unique_id=f"model.shop.{name}", name=name, resource_type="model", relation_name=relation,
        compiled_code=compiled, depends_on=DependsOn(nodes=[f"model.shop.{one}" for one in parents]),
        config=NodeConfig(materialized="table" if relation else "ephemeral"),
    )  # fmt: skip


def manifest(*nodes: Node) -> Manifest:
    return Manifest(metadata=Metadata(), nodes={one.unique_id: one for one in nodes})


def renamed(compiled: str, **relations: tuple[str, str]) -> str | None:
    made = [manifest(*(node(name, pair[which]) for name, pair in relations.items()),
                     node("it", ("prod.it", "dev.it")[which], compiled, *relations)) for which in (0, 1)]  # fmt: skip
    return in_names_of(made[0], made[1]).nodes["model.shop.it"].compiled


@pytest.mark.parametrize(
    ("compiled", "right"),
    [
        ("select * from prod.a join prod.a_b", "select * from dev.a join dev.a_b"),
        ("select prod.a.x from prod.a", "select dev.a.x from dev.a"),
        ("select * from other.prod.a", "select * from other.prod.a"),
        ("select max(t) from prod.it", "select max(t) from dev.it"),
        ("select 'prod.ab'", "select 'prod.ab'"),
    ],
)  # fmt: skip
def test_a_name_is_exchanged_where_it_stands_whole(compiled: str, right: str) -> None:
    assert renamed(compiled, a=("prod.a", "dev.a"), a_b=("prod.a_b", "dev.a_b")) == right


def test_names_that_changed_places_are_exchanged_at_once() -> None:
    assert renamed("select * from x.a join x.b", a=("x.a", "x.b"), b=("x.b", "x.a")) == "select * from x.b join x.a"


def test_names_in_backticks_and_quotes_are_exchanged() -> None:
    assert renamed("from `p`.`a`,`p`.`ab`", a=("`p`.`a`", "`d`.`a`")) == "from `d`.`a`,`p`.`ab`"
    assert renamed('from "p"."A" x', a=('"p"."A"', '"d"."A"')) == 'from "d"."A" x'


def test_one_place_is_one_environment() -> None:
    one = manifest(node("a", "prod.a"))
    assert not are_apart(one, manifest(node("a", "prod.a")))
    assert not are_apart(one, manifest(node("b", "dev.b"), node("a", None)))
    assert are_apart(one, manifest(node("a", "dev.a")))


def test_what_is_read_elsewhere_comes_with_all_above_it() -> None:
    now = manifest(
        node("raw", "dev.raw"), node("staged", "dev.staged", None, "raw"), node("side", "dev.side"),
        node("between", None, None, "staged"), node("mart", "dev.mart", None, "between", "side"),
    )  # fmt: skip
    earlier = manifest(
        node("raw", "prod.raw"), node("staged", "prod.staged", "from prod.raw", "raw"), node("side", "prod.side"),
        node("mart", "prod.mart"),
    )  # fmt: skip
    sql = {"model.shop.mart": "with between as (select * from prod.staged) select * from between join dev.side"}
    found = with_deferred(now, earlier, sql)
    assert [one.relation_name for one in found.nodes.values()] == [
        "prod.raw", "prod.staged", "dev.side", None, "dev.mart",
    ]  # fmt: skip


def test_what_is_read_here_too_stays_here() -> None:
    now = manifest(node("raw", "dev.raw"), node("staged", "dev.staged", None, "raw"),
                   node("mart", "dev.mart", None, "staged", "raw"))  # fmt: skip
    earlier = manifest(node("raw", "prod.raw"), node("staged", "prod.staged", "from prod.raw", "raw"))
    found = with_deferred(now, earlier, {"model.shop.mart": "from prod.staged join dev.raw"})
    assert [one.relation_name for one in found.nodes.values()] == ["dev.raw", "prod.staged", "dev.mart"]
