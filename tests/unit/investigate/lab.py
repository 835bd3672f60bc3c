"""A shop in a DuckDB file: sources, models over them as views, and the origin of a symptom there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aegis.dbt.artifacts.read import Artifacts, compiled_sqls, read_artifacts
from aegis.dbt.graph.column_lineage import LineageIndex
from aegis.dbt.graph.lineage import Lineage
from aegis.investigate.checks import CheckRunner
from aegis.investigate.localise import Origin, TraceContext, localise
from aegis.investigate.query_budget import Bounds, QueryBudget
from aegis.investigate.symptoms import Symptom
from aegis.warehouse.duckdb_files import DuckDbFiles
from tests.unit.dbt.targets import metadata, model, node, write_target

ORDERS = "select i as id, i % 50 as customer_id, 10.0 as amount from range(200) as t(i)"
CUSTOMERS = "select i as id, 'c' || i as name from range(50) as t(i)"
STG_ORDERS = "select id, customer_id, amount from lab.raw.orders"
STG_CUSTOMERS = "select id, name from lab.raw.customers"
JOINED = (
    "select o.id, o.customer_id, c.name, o.amount from lab.main.stg_orders as o "
    "left join lab.main.stg_customers as c on o.customer_id = c.id"
)
INNER = JOINED.replace("left join", "join")


@dataclass
class Lab:
    """Sources in ``raw``, models as views in ``main``; ``sources`` and ``models`` are SQL by name, in order."""

    folder: Path
    sources: Mapping[str, str]
    models: Mapping[str, str]

    def __post_init__(self) -> None:
        with duckdb.connect(str(self.folder / "lab.duckdb")) as connection:
            connection.execute("create schema raw")
            for name, sql in self.sources.items():
                connection.execute(f"create table raw.{name} as {sql}")
            for name, sql in self.models.items():
                connection.execute(f"create view main.{name} as {sql}")

    def artifacts(self) -> Artifacts:
        place = {"database": "lab"}
        sources = [
            node(f"source.shop.raw.{name}", source_name="raw", schema="raw", identifier=name, **place)
            | {"name": name, "relation_name": f"lab.raw.{name}"}
            for name in self.sources
        ]
        models = [
            model(name, *self._reads(sql), schema="main", alias=name, relation_name=f"lab.main.{name}",
                  compiled_code=sql, **place)
            for name, sql in self.models.items()
        ]  # fmt: skip
        head = {"metadata": metadata(adapter_type="duckdb")}
        return read_artifacts(write_target(self.folder / "target", models, sources=sources, manifest=head))

    def _reads(self, sql: str) -> list[str]:
        found = [f"source.shop.raw.{name}" for name in self.sources if f"raw.{name}" in sql]
        return found + [f"model.shop.{name}" for name in self.models if f"main.{name} " in f"{sql} "]

    def origin(
        self, symptom: Symptom, bounds: Bounds | None = None, *, held_before: bool = True, **known: Any
    ) -> Origin:
        budget = QueryBudget(DuckDbFiles({"lab": self.folder / "lab.duckdb"}), bounds or Bounds())
        checks = CheckRunner(self.artifacts().manifest, budget)
        return localise(symptom, self.known(**known), checks, held_before=held_before)

    def known(self, **known: Any) -> TraceContext:
        artifacts = self.artifacts()
        nodes = [*artifacts.manifest.nodes, *(artifacts.manifest.sources or {})]
        column_lineages = LineageIndex(artifacts.manifest, "duckdb", {}, compiled_sqls(artifacts, nodes))
        return TraceContext(lineage=Lineage.of(artifacts.manifest), column_lineages=column_lineages, **known)
