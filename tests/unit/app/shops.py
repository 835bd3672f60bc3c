"""A small dbt project that was built: artifacts, a DuckDB file, and tests that failed, without running dbt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from aegis.analysis.options import AnalyzeOptions
from aegis.app.analyze import analyze
from aegis.connection.project import ProjectOptions
from aegis.domain.report import Report
from aegis.llm import LlmConfig
from tests.unit.dbt.targets import generic_test, metadata, model, node, result, write_target

ROWS = 400
FAILING = 40


@dataclass
class Shop:
    """Tables ``orders_0``, … in ``raw``, ``FAILING`` rows of each without a customer, all from the phone; and a view of
    each in ``main`` whose test failed."""

    folder: Path
    tables: int = 1
    description: str = "Every order has a customer."
    column: str = "customer_id"
    note: str = "on the way"
    profile: Mapping[str, Any] = field(default_factory=dict)
    made: str = ""
    """A column that the views make."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n", encoding="utf-8")
        output = {"type": "duckdb", "path": "shop.duckdb", **self.profile}
        settings = ", ".join(f"{name}: {value!r}" for name, value in output.items())
        text = f"shop: {{target: dev, outputs: {{dev: {{{settings}}}}}}}"
        (self.folder / "profiles.yml").write_text(text, encoding="utf-8")
        self._fill()
        self.write_artifacts("target")

    @property
    def database(self) -> Path:
        return self.folder / "shop.duckdb"

    @property
    def trail(self) -> Path:
        return self.folder / "audit.db"

    @property
    def _key(self) -> str:
        return "customer_id" if self.made else self.column

    @property
    def _columns(self) -> str:
        return f"*, {self.made}" if self.made else "*"

    def _fill(self) -> None:
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("create schema raw")
            for number in range(self.tables):
                connection.execute(
                    f"create table raw.orders_{number} as select i as id, "
                    f'case when i % 10 = 0 then null else i end as "{self._key}", '
                    "case when i % 10 = 0 then 'phone' else 'web' end as channel, ? as note "
                    f"from range({ROWS}) as t(i)",
                    [self.note],
                )
                connection.execute(
                    f"create view main.stg_orders_{number} as select {self._columns} from raw.orders_{number}"
                )

    def write_artifacts(self, name: str, where: str = "") -> Path:
        """Artifacts as if the views had this condition on rows."""
        sources, nodes, results = [], [], []
        for number in range(self.tables):
            source, view = f"source.shop.raw.orders_{number}", f"stg_orders_{number}"
            place = {"database": "shop", "schema": "raw"}
            sources.append(
                node(source, source_name="raw", identifier=f"orders_{number}", **place)
                | {"name": f"orders_{number}", "relation_name": f'"shop"."raw"."orders_{number}"'}
            )
            nodes.append(
                model(
                    view, source, schema="main", database="shop", alias=view, relation_name=f'"shop"."main"."{view}"',
                    raw_code=f"select {self._columns}\nfrom {{{{ source('raw', 'orders_{number}') }}}}\n{where}",
                    compiled_code=f'select {self._columns} from "shop"."raw"."orders_{number}" {where}',
                    original_file_path=f"models/{view}.sql",
                    description=self.description, config={"materialized": "view"},
                )
            )  # fmt: skip
            test = generic_test(
                f"t{number}", f"model.shop.{view}", "not_null", self.column, description=self.description
            )
            test["test_metadata"]["kwargs"] = {"column_name": self.column}
            nodes.append(test)
            results.append(result(test["unique_id"], "fail", failures=FAILING, message=f"Got {FAILING} results"))
        return write_target(
            self.folder / name, nodes, results, sources=sources,
            manifest={"metadata": metadata(adapter_type="duckdb", project_name="shop")},
        )  # fmt: skip

    def analyzed(self, llm: LlmConfig | None = None, **options: Any) -> Report:
        connection = ProjectOptions(project_dir=self.folder, profiles_dir=self.folder)
        return analyze(
            self.folder / "target", AnalyzeOptions(connection=connection, audit_db=self.trail, llm=llm, **options)
        )
