"""A fix of a file, built: the bridge from an investigation to a scratch target."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aegis.app.reach import Reach, duckdb_files, reach
from aegis.app.results import results_of
from aegis.dbt.artifacts import read_artifacts
from aegis.dbt.invoke import invoke
from aegis.dbt.joined import separate
from aegis.dbt.lineage import Lineage
from aegis.dbt.nodes import table_name
from aegis.dbt.scratch_target import beyond_the_copy, scratch_target
from aegis.errors import ConfigError, DbtError
from aegis.investigate.inquiry import Built

if TYPE_CHECKING:
    from aegis.dbt.artifacts import Artifacts
    from aegis.dbt.scratch_target import ScratchTarget
    from aegis.dbt.shapes import Node
    from aegis.domain.results import Result

MOST_BELOW = 50
"""So many nodes below a changed one are built with it; where there are more, none of them is."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Builds what a fix of a file changes, as `Inquiry.build` wants it."""

    found: Reach
    artifacts: Artifacts
    lineage: Lineage

    def __call__(self, node: Node, text: str, seconds: float) -> Built:
        """The results of the node's tests, and of all below it, with ``text`` as its file.

        Raises:
            AegisError: It cannot be built so; the message says why.
        """
        project, profile = self.found.project, self.found.profile
        files = duckdb_files(project, profile) if profile.type == "duckdb" else None
        if not files:
            raise ConfigError(f"there is no scratch target for {profile.type} here")
        name, database = next(iter(files.items()))
        below = self._below(node)
        refused = beyond_the_copy((node, *below), name)
        if refused is not None:
            raise ConfigError(refused)
        environment = self.found.connection.environment
        with scratch_target(project, profile, database, node, text, environment) as scratch:
            self._build(node, below, scratch, seconds)
            return Built(self._results(scratch), (node.unique_id, *(one.unique_id for one in below)))

    def _below(self, node: Node) -> tuple[Node, ...]:
        manifest = self.artifacts.manifest
        models = self.lineage.blast_radius(node.unique_id).models
        found = [manifest.nodes[uid] for uid in models if uid in manifest.nodes]
        return tuple(found) if len(found) <= MOST_BELOW else ()

    def _build(self, node: Node, below: Sequence[Node], scratch: ScratchTarget, seconds: float) -> None:
        selected = f"{table_name(node)}{'+' if below else ''}"
        arguments = ["build", "--select", selected, "--target-path", str(scratch.target_dir)]
        arguments += ["--log-path", str(scratch.target_dir), "--target", self.found.profile.target]
        if node.config is not None and node.config.materialized == "incremental":
            arguments.append("--full-refresh")
        variables = (self.artifacts.run_results.args or {}).get("vars")
        if isinstance(variables, dict) and variables:
            arguments += ["--vars", json.dumps(variables)]
        done = invoke(
            self.found.dbt(),
            arguments,
            project_dir=scratch.project_dir,
            profiles_dir=scratch.profiles_dir,
            target=None,
            environment=scratch.environment,
            seconds=seconds,
        )
        if not (scratch.target_dir / "run_results.json").is_file():
            raise DbtError(f"dbt gave no results ({done.ending}): {' '.join(done.errors[-2:]) or 'it said nothing'}")

    def _results(self, scratch: ScratchTarget) -> tuple[Result, ...]:
        connection = replace(
            self.found.connection,
            project_dir=scratch.project_dir,
            profiles_dir=scratch.profiles_dir,
            target=self.found.profile.target,
            environment=scratch.environment,
        )
        artifacts = separate(read_artifacts(scratch.target_dir))
        warehouse = reach(scratch.target_dir, connection).warehouse()
        try:
            return results_of(artifacts, warehouse, Lineage.of(artifacts.manifest))[0]
        finally:
            warehouse.close()
