"""A dbt target folder of any size, the same for the same arguments: for tests and for measuring.

    python benchmarks/make_target.py FOLDER --models 2500 --tests 2500 --results 1000 --failed 100 --padding 12000

The project is in layers of models, each reading a few of the layer above; tests are spread over the models,
and every fifth model of the last layer has an exposure. ``--padding`` is the SQL per node in bytes: 12,000
makes 5,000 nodes about 65 MB, like the manifest of a large project.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROJECT = "shop"
_LAYERS = 8
_KINDS = ("not_null", "unique", "accepted_values", "relationships")


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make. ``failed`` of the ``results`` are failed tests; ``padding`` is bytes of SQL per node."""

    models: int = 2_500
    tests: int = 2_500
    results: int = 1_000
    failed: int = 100
    padding: int = 200


def make_target(folder: Path, size: Size) -> Path:
    """Write manifest.json and run_results.json into ``folder``, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    models = {f"model.{_PROJECT}.m{number}": _model(number, size) for number in range(size.models)}
    tests = dict(_test(number, size) for number in range(size.tests))
    nodes = {**models, **tests}
    exposures = {f"exposure.{_PROJECT}.e{n}": _exposure(n) for n in range(size.models) if _exposed(n, size)}
    parents = {uid: node["depends_on"]["nodes"] for uid, node in {**nodes, **exposures}.items()}
    children: dict[str, list[str]] = {uid: [] for uid in parents}
    for uid, above in parents.items():
        for parent in above:
            children[parent].append(uid)
    manifest = {
        "metadata": _metadata("manifest/v12"),
        "nodes": nodes,
        "sources": {},
        "macros": {f"macro.dbt.m{n}": _macro(n) for n in range(min(800, size.models))},
        "exposures": exposures,
        "groups": {},
        "unit_tests": {},
        "parent_map": parents,
        "child_map": children,
    }
    ran = [*tests][: size.results]
    ran += [*models][: size.results - len(ran)]
    results = [_result(uid, number < size.failed, size) for number, uid in enumerate(ran)]
    run_results = {"metadata": _metadata("run-results/v6"), "results": results, "elapsed_time": 60.0}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "run_results.json").write_text(json.dumps({**run_results, "args": {"which": "build"}}), encoding="utf-8")
    return folder


def _metadata(schema: str) -> dict[str, Any]:
    return {
        "dbt_schema_version": f"https://schemas.getdbt.com/dbt/{schema}.json",
        "dbt_version": "1.12.6",
        "generated_at": "2026-11-20T02:00:00.000000Z",
        "invocation_id": "00000000-0000-4000-8000-000000000000",
        "adapter_type": "duckdb",
        "project_name": _PROJECT,
        "env": {},
    }


def _layer(number: int, size: Size) -> int:
    return number * _LAYERS // max(1, size.models)


def _exposed(number: int, size: Size) -> bool:
    return _layer(number, size) == _LAYERS - 1 and number % 5 == 0


def _node(uid: str, kind: str, name: str, reads: list[str], size: Size) -> dict[str, Any]:
    sql = f"select * from {name} -- ".ljust(size.padding // 2, "x")
    return {
        "unique_id": uid,
        "name": name,
        "alias": name,
        "resource_type": kind,
        "package_name": _PROJECT,
        "database": "db",
        "schema": "main",
        "path": f"{name}.sql",
        "original_file_path": f"models/{name}.sql",
        "fqn": [_PROJECT, name],
        "checksum": {"name": "sha256", "checksum": f"{len(name):064d}"},
        "description": f"What {name} is for.",
        "tags": ["nightly"],
        "meta": {},
        "raw_code": sql,
        "compiled_code": sql,
        "language": "sql",
        "depends_on": {"macros": ["macro.dbt.m0"], "nodes": reads},
        "refs": [],
        "sources": [],
        "created_at": 1.0,
    }


def _model(number: int, size: Size) -> dict[str, Any]:
    name = f"m{number}"
    width = max(1, size.models // _LAYERS)
    above = [] if _layer(number, size) == 0 else [number - width, max(0, number - width - number % 7)]
    reads = [f"model.{_PROJECT}.m{other}" for other in dict.fromkeys(above)]
    columns = {
        f"c{column}": {"name": f"c{column}", "data_type": "integer", "description": "", "meta": {}, "constraints": []}
        for column in range(10)
    }
    extra = {
        "relation_name": f'"db"."main"."{name}"',
        "columns": columns,
        "constraints": [],
        "config": {"materialized": "table", "enabled": True, "meta": {}, "tags": [], "contract": {"enforced": False}},
    }
    return {**_node(f"model.{_PROJECT}.{name}", "model", name, reads, size), **extra}


def _test(number: int, size: Size) -> tuple[str, dict[str, Any]]:
    about = f"m{number % size.models}"
    kind = _KINDS[number % len(_KINDS)]
    column = f"c{number % 10}"
    name = f"{kind}_{about}_{column}_{number}"
    uid = f"test.{_PROJECT}.{name}.{number:010x}"
    extra = {
        "column_name": column,
        "attached_node": f"model.{_PROJECT}.{about}",
        "file_key_name": f"models.{about}",
        "test_metadata": {
            "name": kind,
            "namespace": None,
            "kwargs": {"column_name": column, "model": f"{{{{ get_where_subquery(ref('{about}')) }}}}"},
        },
        "columns": {},
        "config": {"materialized": "test", "severity": "ERROR", "enabled": True, "meta": {}, "store_failures": None},
    }
    return uid, {**_node(uid, "test", name, [f"model.{_PROJECT}.{about}"], size), **extra}


def _exposure(number: int) -> dict[str, Any]:
    return {
        "unique_id": f"exposure.{_PROJECT}.e{number}",
        "name": f"e{number}",
        "resource_type": "exposure",
        "type": "dashboard",
        "owner": {"name": "finance", "email": "finance@example.com"},
        "depends_on": {"macros": [], "nodes": [f"model.{_PROJECT}.m{number}"]},
    }


def _macro(number: int) -> dict[str, Any]:
    return {
        "unique_id": f"macro.dbt.m{number}",
        "name": f"m{number}",
        "package_name": "dbt",
        "macro_sql": "{% macro m() %}{% endmacro %}" * 20,
        "depends_on": {"macros": []},
    }


def _result(uid: str, failed: bool, size: Size) -> dict[str, Any]:
    is_test = uid.startswith("test.")
    passed = "pass" if is_test else "success"
    return {
        "unique_id": uid,
        "status": "fail" if failed and is_test else passed,
        "timing": [
            {"name": name, "started_at": "2026-11-20T02:00:00.000000Z", "completed_at": "2026-11-20T02:00:00.100000Z"}
            for name in ("compile", "execute")
        ],
        "thread_id": "Thread-1",
        "execution_time": 0.1,
        "adapter_response": {"_message": "OK"},
        "message": "Got 7 results, configured to fail if != 0" if failed and is_test else None,
        "failures": (7 if failed else 0) if is_test else None,
        "compiled": True,
        "compiled_code": "select 1 -- ".ljust(size.padding // 2, "x"),
        "relation_name": None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for name in ("models", "tests", "results", "failed", "padding"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Size(), name))
    options = vars(parser.parse_args())
    print(make_target(options.pop("folder"), Size(**options)))


if __name__ == "__main__":
    main()
