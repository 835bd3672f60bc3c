"""Compiled SQL that a run left nowhere, as `dbt test` in a new clone does: dbt is asked to compile, no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aegis.dbt.artifacts.read import compiled_sqls, read_manifest
from aegis.dbt.artifacts.replaced import with_compiled_sql, with_nodes
from aegis.dbt.engine.invoke import invoke
from aegis.dbt.graph.nodes import file_path
from aegis.domain.report import Notice
from aegis.domain.text import plural
from aegis.errors import AegisError, DbtError

if TYPE_CHECKING:
    from aegis.analysis.context import AnalysisContext
    from aegis.connection.project import ProjectContext
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.dbt.artifacts.schema import Manifest, Node

_SECONDS = 120.0
_MOST_NAMED = 50
"""Where more models are not compiled, all of the project are."""


def with_compiled(artifacts: Artifacts, context: AnalysisContext) -> tuple[Artifacts, tuple[Notice, ...]]:
    """The artifacts with the compiled SQL of all models above the findings, as far as dbt gives it; and what is not
    known, with what to do."""
    # Evidence is of the tables themselves: only the way up to a cause reads SQL.
    missing = _missing(artifacts, context) if context.options.depth == "causes" else []
    if not missing:
        return artifacts, ()
    project = context.access.project
    if project is None or not context.options.build:
        why = "dbt was not to be run" if project is not None else "there is no project here to compile"
        return artifacts, (_not_known(missing, why),)
    if context.options.on_query is not None:
        context.options.on_query("dbt compiles the models on the way")
    # DuckDB lets no other process in while a file is open.
    context.access.close()
    try:
        fresh = _compiled(project, missing, context)
    except AegisError as error:
        return artifacts, (_not_known(missing, error.message),)
    found = {
        node.unique_id: with_compiled_sql(node, made.compiled)
        for node in missing
        if (made := fresh.find(node.unique_id)) is not None and made.compiled and made.sql == node.sql
    }
    left = [node for node in missing if node.unique_id not in found]
    told = (_not_known(left, "their files are others now"),) if left else ()
    return replace(artifacts, manifest=with_nodes(artifacts.manifest, found)), told


def _missing(artifacts: Artifacts, context: AnalysisContext) -> list[Node]:
    starts = [one.result.node for one in context.findings if one.result.node]
    manifest = artifacts.manifest
    above = (manifest.find(uid) for uid in (*starts, *context.lineage.upstream(*starts)))
    models = {node.unique_id: node for node in above if node is not None and _has_sql(node)}
    known = compiled_sqls(artifacts, models)
    return [node for uid, node in models.items() if uid not in known]


def _has_sql(node: Node) -> bool:
    """What an ephemeral model does stands in the SQL of those that read it."""
    return node.resource_type in ("model", "snapshot") and bool(node.relation_name) and node.language != "python"


def _compiled(project: ProjectContext, missing: list[Node], context: AnalysisContext) -> Manifest:
    paths = sorted({f"path:{file_path(node)}" for node in missing})
    selected = ["--select", *paths] if len(paths) <= _MOST_NAMED else []
    with TemporaryDirectory(prefix="aegis-compile-") as folder:
        target = ["--target", project.profile.target, "--target-path", folder, "--log-path", folder]
        done = invoke(
            project.dbt(), ["compile", *selected, *target, *context.artifacts.vars_arguments],
            project_dir=project.project.folder, profiles_dir=project.profile.folder, target=None,
            environment=project.connection.environment, seconds=_SECONDS,
        )  # fmt: skip
        if not Path(folder, "manifest.json").is_file() or done.exit_code != 0:
            raise DbtError(f"dbt compile gave nothing ({done.ending}): {done.last_words}")
        return read_manifest(Path(folder))[0]


def _not_known(missing: list[Node], why: str) -> Notice:
    what = f"the compiled SQL of {plural(len(missing), 'model')} is not known, so the way ends there: {why}"
    return Notice(what=what, hint="Run dbt compile, then aegis analyze again.")
