"""A seed, two models and a mart in a project without the package, as dbt alone builds it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from integration_tests.command import aegis
from integration_tests.engines import Engine

MODELS = {
    "stg_orders": "select id, customer_id, amount from {{ ref('raw_orders') }}",
    "orders": "select id as order_id, customer_id, amount * 2 as amount from {{ ref('stg_orders') }}",
    "customers": "select customer_id, sum(amount) as spent from {{ ref('orders') }} where customer_id > 0 group by 1",
}
TESTS = [{"name": "orders", "columns": [{"name": "customer_id", "data_tests": ["not_null"]}]}]
GOOD = "id,customer_id,amount\n1,7,10\n2,8,20\n3,9,30\n4,9,5\n"
BAD = "id,customer_id,amount\n1,7,10\n2,,20\n3,9,30\n4,,5\n"
ORDERS, STAGING, RAW = "model.shop.orders", "model.shop.stg_orders", "seed.shop.raw_orders"


DUCKDB = {name: {"type": "duckdb", "path": "shop.duckdb", "schema": name} for name in ("dev", "prod")}


def project(folder: Path, seed: str, outputs: Mapping[str, Any] = DUCKDB) -> Path:
    files = {
        "dbt_project.yml": yaml.safe_dump({"name": "shop", "version": "1.0.0", "profile": "shop"}),
        "profiles.yml": yaml.safe_dump({"shop": {"target": "dev", "outputs": dict(outputs)}}),
        "models/schema.yml": yaml.safe_dump({"version": 2, "models": TESTS}),
        "seeds/raw_orders.csv": seed,
        **{f"models/{name}.sql": sql + "\n" for name, sql in MODELS.items()},
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def dbt(folder: Path, engine: Engine, *arguments: str) -> None:
    environment = {**engine.environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    subprocess.run([engine.executable, *arguments], cwd=folder, env=environment, capture_output=True, check=False)


def analyzed(folder: Path, engine: Engine, *arguments: str) -> dict[str, Any]:
    done = aegis("analyze", "target", "--json", *arguments, cwd=folder, engine=engine)
    assert done.code == 1, done.said
    return dict(json.loads(done.out))
