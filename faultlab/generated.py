"""Projects to break: a shop of hand-written models, and a DAG of hundreds of nodes from a skeleton of any shape."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROWS = 400
"""Rows of each source of a generated DAG."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its SQL, the columns that tests may be about, and what a fault may do to it: kind to changed SQL."""

    name: str
    sql: str
    columns: tuple[str, ...]
    parents: tuple[str, ...]
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A source table: the SQL that makes its data."""

    name: str
    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lab:
    """A project that can be built, broken and built again. ``rules`` are its people's; where it has none, each model
    gets what people would write. ``source_faults`` are by source and kind, with ``{t}`` for the table."""

    name: str
    sources: tuple[Source, ...]
    models: tuple[Model, ...]
    rules: Mapping[str, list[dict[str, Any]]] | None = None
    source_faults: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def uid(self, name: str) -> str:
        kind = "source" if any(one.name == name for one in self.sources) else "model"
        return f"source.lab.raw.{name}" if kind == "source" else f"model.lab.{name}"

    def write(self, folder: Path) -> None:
        """The project's files, without tests."""
        models = folder / "models"
        models.mkdir(parents=True, exist_ok=True)
        (folder / "dbt_project.yml").write_text(_PROJECT, encoding="utf-8")
        (folder / "packages.yml").write_text('packages:\n  - local: "aegis_package"\n', encoding="utf-8")
        tables = "".join(f"      - name: {source.name}\n" for source in self.sources)
        text = f"version: 2\nsources:\n  - name: raw\n    schema: raw\n    tables:\n{tables}"
        (models / "sources.yml").write_text(text, encoding="utf-8")
        for model in self.models:
            (models / f"{model.name}.sql").write_text(model.sql + "\n", encoding="utf-8")


_PROJECT = """\
name: lab
version: "1.0"
profile: lab
config-version: 2
models:
  lab:
    +materialized: table
tests:
  lab:
    +severity: warn
flags:
  send_anonymous_usage_stats: false
"""

_COLUMNS = ("id", "amount", "status", "name", "created_at")


def _ref(name: str) -> str:
    return "{{ ref('" + name + "') }}"


def _raw(name: str) -> str:
    return "{{ source('raw', '" + name + "') }}"


def dag(parents: Mapping[str, tuple[str, ...]], seed: int = 7) -> Lab:
    """A project of the given shape: node to its parents; those without parents are sources. A model of one source
    cleans it, a model of one model filters, ranks or sums it, a model of several joins them."""
    chance = random.Random(seed)
    sources, models = [], []
    for name in _ordered(parents):
        above = parents[name]
        if not above:
            sources.append(
                Source(
                    name, _source_sql(chance.randrange(10**6)), ("id", "amount_cents", "status", "name", "created_at")
                )
            )
        elif len(above) == 1 and not parents[above[0]]:
            models.append(chance.choice(_CLEANERS)(name, above[0]))
        elif len(above) == 1:
            models.append(chance.choice(_SHAPERS)(name, above[0]))
        else:
            models.append(chance.choice(_JOINERS)(name, above))
    return Lab("dag", tuple(sources), tuple(models), source_faults={one.name: SOURCE_FAULTS for one in sources})


def _ordered(parents: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Parents before children."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in done:
            for parent in parents[name]:
                visit(parent)
            done[name] = None

    for name in parents:
        visit(name)
    return list(done)


def layered(sources: int, layers: tuple[int, ...], seed: int = 11) -> dict[str, tuple[str, ...]]:
    """A DAG as projects grow: a staging model for each source, then layers whose nodes read one to three nodes, most of
    them of the layer before."""
    chance = random.Random(seed)
    shape: dict[str, tuple[str, ...]] = {f"src_{n:03}": () for n in range(sources)}
    above = []
    for n in range(sources):
        shape[f"stg_{n:03}"] = (f"src_{n:03}",)
        above.append(f"stg_{n:03}")
    older: list[str] = []
    for depth, width in enumerate(layers, 1):
        layer = []
        for n in range(width):
            count = chance.choices([1, 2, 3], [3, 5, 2])[0]
            pool = above if not older or chance.random() < 0.8 else older
            chosen = tuple(dict.fromkeys(chance.choice(pool) for _ in range(count)))
            shape[f"n{depth}_{n:03}"] = chosen
            layer.append(f"n{depth}_{n:03}")
        older += above
        above = layer
    return shape


def _source_sql(seed: int) -> str:
    """Rows with ids 1 to ROWS, and what real sources have: a deleted row here and there, a row delivered twice, a few
    missing categories."""
    return f"""
select i as id, 100 + (hash(i, {seed}) % 9900)::int as amount_cents,
    case when hash(i, {seed}, 'd') % 40 = 0 then null
        else ['new', 'paid', 'sent', 'done', 'void'][1 + (hash(i, {seed}, 's') % 5)::int] end as status,
    'name ' || (hash(i, {seed}, 'n') % 1000)::varchar as name,
    timestamp '2026-01-01' + to_hours((hash(i, {seed}, 'c') % 6000)::int) as created_at,
    1 as version
from range(1, {ROWS + 1}) as r(i)
union all
select i, 100, 'new', 'old name', timestamp '2025-12-01', 0
from range(1, {ROWS + 1}) as r(i) where hash(i, {seed}, 'v') % 20 = 0
"""


def _clean_ranked(name: str, source: str) -> Model:
    def sql(dedupe: bool = True, default: str = "unknown") -> str:
        last = "\nwhere place = 1" if dedupe else ""
        return f"""with ranked as (
    select *, row_number() over (partition by id order by version desc) as place from {_raw(source)}
)
select id, amount_cents / 100.0 as amount, coalesce(status, '{default}') as status, trim(name) as name,
    cast(created_at as timestamp) as created_at
from ranked{last}"""

    faults = {"missing_dedupe": sql(dedupe=False), "wrong_default": sql(default="")}
    return Model(name, sql(), _COLUMNS, (source,), faults)


def _clean_filtered(name: str, source: str) -> Model:
    def sql(where: str = "version = 1", default: str = "unknown") -> str:
        condition = f"\nwhere {where}" if where else ""
        return f"""select id, amount_cents / 100.0 as amount, coalesce(status, '{default}') as status, name, created_at
from {_raw(source)}{condition}"""

    faults = {
        "lost_filter": sql(where=""),
        "wrong_default": sql(default="n/a"),
        "high_water_mark": sql(where="version = 1 and created_at > timestamp '2026-03-01'"),
    }
    return Model(name, sql(), _COLUMNS, (source,), faults)


def _shape_filter(name: str, parent: str) -> Model:
    def sql(where: str = "amount > 0") -> str:
        return f"select id, amount, status, name, created_at from {_ref(parent)} where {where}"

    return Model(name, sql(), _COLUMNS, (parent,), {"high_water_mark": sql("created_at > timestamp '2026-04-01'")})


def _shape_rank(name: str, parent: str) -> Model:
    sql = f"""with totals as (
    select id, amount, status, name, created_at, sum(amount) over (partition by status) as status_amount
    from {_ref(parent)}
)
select id, amount, status, name, created_at, amount / nullif(status_amount, 0) as share from totals"""
    broken = sql.replace(
        "amount / nullif(status_amount, 0) as share", "100 * amount / nullif(status_amount, 0) as share"
    )
    return Model(name, sql, (*_COLUMNS, "share"), (parent,), {"wrong_unit": broken})


def _shape_sum(name: str, parent: str) -> Model:
    sql = f"""select id, sum(amount) as amount, max(status) as status, max(name) as name, max(created_at) as created_at
from {_ref(parent)} group by id"""
    broken = sql.replace("sum(amount) as amount", "sum(amount) * 100 as amount")
    return Model(name, sql, _COLUMNS, (parent,), {"wrong_unit": broken})


def _join_left(name: str, parents: tuple[str, ...]) -> Model:
    def sql(key: str = "id", join: str = "left join") -> str:
        base, *others = parents
        columns = [f"o{n}.amount as amount_{n}, o{n}.name as name_{n}" for n in range(1, len(others) + 1)]
        joins = [
            f"{join} {_ref(other)} as o{n} on b.id = o{n}.{key if n == 1 else 'id'}"
            for n, other in enumerate(others, 1)
        ]
        return f"""select b.id, b.amount, b.status, b.name, b.created_at, {", ".join(columns)}
from {_ref(base)} as b
{chr(10).join(joins)}"""

    more = tuple(f"{column}_{n}" for n in range(1, len(parents)) for column in ("amount", "name"))
    faults = {"wrong_key": sql(key="id + 1"), "inner_for_left": sql(join="inner join")}
    if len(parents) > 1:
        faults["fan_out"] = sql().replace("on b.id = o1.id", "on b.id in (o1.id, o1.id + 1)")
    return Model(name, sql(), (*_COLUMNS, *more), parents, faults)


def _join_inner(name: str, parents: tuple[str, ...]) -> Model:
    def sql(key: str = "id") -> str:
        base, *others = parents
        joins = [
            f"join {_ref(other)} as o{n} on b.id = o{n}.{key if n == 1 else 'id'}" for n, other in enumerate(others, 1)
        ]
        return f"""with joined as (
    select b.id, b.amount + o1.amount as amount, b.status, o1.name, b.created_at
    from {_ref(base)} as b
    {chr(10).join(joins)}
)
select * from joined"""

    return Model(name, sql(), _COLUMNS, parents, {"wrong_key": sql(key="id + 37")})


_CLEANERS: tuple[Callable[[str, str], Model], ...] = (_clean_ranked, _clean_filtered)
_SHAPERS: tuple[Callable[[str, str], Model], ...] = (_shape_filter, _shape_rank, _shape_sum)
_JOINERS: tuple[Callable[[str, tuple[str, ...]], Model], ...] = (_join_left, _join_left, _join_inner)

SOURCE_FAULTS: Mapping[str, str] = {
    "null_ids": "update {t} set id = null where hash(id, 1) % 25 = 0",
    "duplicates": "insert into {t} select * from {t} where hash(id, 2) % 20 = 0 and version = 1",
    "dropped_rows": "delete from {t} where hash(id, 3) % 8 = 0",
    "times_100": "update {t} set amount_cents = amount_cents * 100 where hash(id, 4) % 6 = 0",
    "time_shift": "update {t} set created_at = created_at + interval 10 year where hash(id, 5) % 9 = 0",
    "unknown_category": "update {t} set status = 'xx?' where hash(id, 6) % 12 = 0",
    "blanked_text": "update {t} set name = '' where hash(id, 7) % 10 = 0",
    "partial_load": "delete from {t} where id > 280",
}
"""What may happen to a source of a generated DAG."""
