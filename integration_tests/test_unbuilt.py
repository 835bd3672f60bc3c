"""Models that their rows kept from being built: dbt stops at the first value, and Aegis finds the rows."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from integration_tests.command import aegis
from integration_tests.engines import Engine, engines

FILES = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
    "seeds/prices.csv": "id,price,shelf\n1,$10,a\n2,ask,b\n3,$7,\n3,$7,c\n",
    "models/stg_prices.sql": "select id, price as price_text, shelf from {{ ref('prices') }}",
    "models/amounts.sql": """
with kept as (select * from {{ ref('stg_prices') }} where id > 0)
select id, replace(price_text, '$', '')::numeric(9, 2) as amount from kept
""",
    "models/shelves.sql": "select id::int as id, shelf from {{ ref('stg_prices') }}",
    "models/doubled.sql": """
select a.id::int as id from {{ ref('stg_prices') }} as a join {{ ref('stg_prices') }} as b on a.id = b.id
""",
    "models/lost.sql": "select * from no_such_table",
    "models/schema.yml": """
models:
  - name: amounts
    config: {materialized: table}
  - name: shelves
    config: {materialized: table, contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer}
      - {name: shelf, data_type: varchar, constraints: [{type: not_null}]}
  - name: doubled
    config: {materialized: table, contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, constraints: [{type: primary_key}]}
""",
}


@pytest.fixture(scope="module", params=engines(long="dbt1"))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    engine: Engine = request.param
    tmp_path = tmp_path_factory.mktemp("unbuilt")
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    subprocess.run([engine.executable, "build"], cwd=tmp_path, env=engine.environment, capture_output=True, check=False)
    done = aegis("analyze", "target/", "--json", "--privacy", "samples", cwd=tmp_path, engine=engine)
    assert done.code == 3, done.said  # models could not be built: that is no failed rule
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_the_rows_are_found_where_they_came_in(report: dict[str, Any]) -> None:
    told = {cause["title"]: [hop["table"] for hop in cause["path"]] for cause in report["causes"]}
    assert told == {
        "prices arrived with price that cannot be converted": ["prices", "stg_prices", "amounts"],
        "prices arrived with NULL in shelf": ["prices", "stg_prices", "shelves"],
        "prices arrived with duplicate id": ["prices", "stg_prices", "doubled"],
    }
    samples = {one["rule_id"].split(".")[-1]: one["sample"]["rows"] for one in report["findings"]}
    assert samples["amounts"] == [[2, "ask", "b"]]
    fixes = [fix["sql"] for one in report["findings"] for fix in one["proposals"] if fix["kind"] == "upstream_action"]
    assert fixes == ["Correct price in seeds/prices.csv (1 row), then run: dbt build --select prices+"]


def test_a_model_that_something_else_kept_from_being_built_is_no_finding(report: dict[str, Any]) -> None:
    errors = {one["rule_id"] for one in report["results"] if one["status"] == "error"}
    assert {one["rule_id"] for one in report["findings"]} == errors - {"model.shop.lost"}
    assert "model.shop.lost" in errors
