"""Which sqlglot dialect a dbt adapter speaks."""

from __future__ import annotations

DIALECTS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "doris": "doris",
    "dremio": "dremio",
    "duckdb": "duckdb",
    "fabric": "fabric",
    "fabricspark": "spark",
    "glue": "spark",
    "hive": "hive",
    "materialize": "materialize",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "redshift": "redshift",
    "risingwave": "risingwave",
    "singlestore": "singlestore",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
    "starrocks": "starrocks",
    "synapse": "tsql",
    "teradata": "teradata",
    "trino": "trino",
}


def dialect_of(adapter: str) -> str | None:
    """The dialect of a dbt adapter type (``metadata.adapter_type`` of a manifest), or None if sqlglot has none."""
    return DIALECTS.get(adapter)
