"""Small tables of a private project share a dbt test: what a test costs dbt is more than what their checks cost.

Only `aegis run --db` joins suites, in a project that nobody sees. Each suite keeps its own statement, one scan of its
table, and stores its rows under its name; when the artifacts are read, each is a suite again. A joined test that
breaks takes no rule along: each of its suites is then run by itself, as any suite that broke.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.artifacts.schema import Node, NodeConfig, RunResult
from aegis.dbt.artifacts.suite_rows import has_run
from aegis.dbt.graph.tables import Columns
from aegis.dbt.jinja_text import json_in_jinja
from aegis.dbt.suites.compile import SuiteFile

META = "aegis_suites"
"""Where a joined test says what its suites say under ``aegis``, by the name of each."""

# DuckDB plans a statement of more rules more slowly, and a test that breaks is split.
_MOST_SUITES = 10
_MOST_RULES = 120

_PART = """\
{{% set rules -%}}
{rules}
{{%- endset -%}}
{{% set facts -%}}
{facts}
{{%- endset -%}}
{{%- do sections.update({{{name}: {section}}}) -%}}
select '{part}' as suite_name, suite_rows.* from (
{{{{ aegis.suite({arguments}, facts=fromjson(facts)) }}}}
) as suite_rows"""


def batch(suites: Sequence[SuiteFile], small_rows: int, columns: Mapping[str, Columns]) -> dict[str, str]:
    """Test files, name to text: suites of tables of at most ``small_rows`` rows together, all others by themselves.

    ``columns`` are those of tables by their call: what a suite is told, it need not ask the warehouse for, which costs
    a table of ten thousand rows a tenth of its suite.
    """
    small = [suite for suite in suites if suite.table.rows is not None and suite.table.rows <= small_rows]
    joined = {suite.name for suite in small}
    files = {suite.name: suite.text for suite in suites if suite.name not in joined}
    for index, group in enumerate(_groups(small)):
        if len(group) == 1:
            files[group[0].name] = group[0].text
        else:
            files[f"aegis_suites_{index}.sql"] = _text(group, columns)
    return files


def _groups(suites: Iterable[SuiteFile]) -> list[list[SuiteFile]]:
    groups: list[list[SuiteFile]] = []
    rules = 0
    for suite in suites:
        rules += len(suite.rule_ids)
        if not groups or len(groups[-1]) == _MOST_SUITES or rules > _MOST_RULES:
            groups.append([])
            rules = len(suite.rule_ids)
        groups[-1].append(suite)
    return groups


def _text(suites: Sequence[SuiteFile], columns: Mapping[str, Columns]) -> str:
    parts = [
        _PART.format(
            rules=suite.rules,
            facts=json_in_jinja(_facts(suite, columns)),
            # Names of files are of letters, digits and underscores.
            name=f'"{_name(suite)}"',
            section=suite.section,
            part=_name(suite),
            arguments=suite.arguments,
        )
        for suite in suites
    ]
    body = "\nunion all\n".join(parts)
    return f'{{%- set sections = {{}} -%}}\n{body}\n{{{{ config(meta={{"{META}": sections}}, severity="error") }}}}\n'


def _facts(suite: SuiteFile, columns: Mapping[str, Columns]) -> dict[str, Any] | None:
    """What the macro relation_facts would find, or None where not all of it is known."""
    tables = {"": suite.table, **suite.references}
    if any(table.call not in columns for table in tables.values()):
        return None
    return {
        key: {"columns": [{"name": name, "type": kind} for name, kind in columns[table.call]], "rows": table.rows}
        for key, table in tables.items()
    }


def _name(suite: SuiteFile) -> str:
    return suite.name.removesuffix(".sql")


def unbatch(artifacts: Artifacts) -> Artifacts:
    """The same artifacts with each joined test taken apart into the tests of its suites."""
    nodes = artifacts.manifest.nodes
    joined = {uid: sections for uid, node in nodes.items() if (sections := _sections(node)) is not None}
    if not joined:
        return artifacts
    apart = {uid: _nodes(nodes[uid], sections) for uid, sections in joined.items()}
    kept = {uid: node for uid, node in nodes.items() if uid not in joined}
    results: list[RunResult] = []
    for result in artifacts.run_results.results:
        parts = apart.get(result.unique_id)
        results.extend([result] if parts is None else [_result(result, uid) for uid in parts])
    found = {**kept, **{uid: node for parts in apart.values() for uid, node in parts.items()}}
    return replace(
        artifacts,
        manifest=msgspec.structs.replace(artifacts.manifest, nodes=found),
        run_results=msgspec.structs.replace(artifacts.run_results, results=results),
    )


def _sections(node: Node) -> Mapping[str, Any] | None:
    meta = node.config.meta if node.config else None
    sections = meta.get(META) if meta else None
    return sections if isinstance(sections, Mapping) else None


def _nodes(node: Node, sections: Mapping[str, Any]) -> dict[str, Node]:
    """A test for each suite. What dbt compiled is of all of them, so it is of none."""
    found = {}
    for name, section in sections.items():
        uid = f"{node.unique_id.rpartition('.')[0]}.{name}"
        found[uid] = msgspec.structs.replace(
            node,
            unique_id=uid,
            name=name,
            config=msgspec.structs.replace(node.config or NodeConfig(), meta={"aegis": {**section, "part": name}}),
            meta=None,
            compiled_code=None,
            compiled_path=None,
        )
    return found


def _result(result: RunResult, unique_id: str) -> RunResult:
    """What dbt found for all of them. How many rules failed, and how long it took, is not known for each alone; that
    a suite passed or failed is said by its rows."""
    status = "pass" if has_run(result) else result.status
    return msgspec.structs.replace(
        result, unique_id=unique_id, status=status, failures=None, execution_time=None, compiled_code=None
    )
