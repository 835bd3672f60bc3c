"""A fix of a file, built: the bridge from an investigation to a scratch target."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aegis.analysis.results import results_of
from aegis.connection.access import WarehouseAccess
from aegis.connection.project import ProjectContext, resolve_project
from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.engine.invoke import invoke
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.nodes import file_path
from aegis.dbt.scratch.target import database_of, scratch_target
from aegis.dbt.suites.batch import unbatch
from aegis.errors import DbtError
from aegis.investigate.context import BuildResult

if TYPE_CHECKING:
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.dbt.artifacts.schema import Node
    from aegis.dbt.engine.executable import Dbt
    from aegis.dbt.scratch.target import ScratchTarget

MOST_BELOW = 50
"""So many nodes below a changed one are built with it; where there are more, none of them is."""


def _is_ephemeral(node: Node) -> bool:
    return node.config is not None and node.config.materialized == "ephemeral"


@dataclass(frozen=True, slots=True)
class FixBuilder:
    """Builds what a fix of a file changes, as `InvestigationContext.build` wants it."""

    found: ProjectContext
    artifacts: Artifacts
    lineage: Lineage
    _made: dict[tuple[str, str], BuildResult] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, node: Node, text: str, seconds: float) -> BuildResult:
        """The results of the node's tests, and of all below it, with ``text`` as its file.

        Raises:
            AegisError: It cannot be built so; the message says why.
        """
        key = (node.unique_id, text)
        if key not in self._made:  # several fixes of one node are compared with the same build
            self._made[key] = self._build_and_read(node, text, seconds)
        return self._made[key]

    def _build_and_read(self, node: Node, text: str, seconds: float) -> BuildResult:
        project, profile = self.found.project, self.found.profile
        below = self._below(node)
        database = database_of(project, profile, (node, *below))
        dbt = self.found.dbt()
        environment = self.found.connection.environment
        # Reading holds off whoever would write while it is copied, and is refused where somebody does.
        with closing(self.found.own_warehouse()) as warehouse:
            warehouse.connect()
            with scratch_target(project, profile, database, node, text, dbt, environment) as scratch:
                warehouse.close()
                self._build(dbt, node, below, scratch, seconds)
                return self._built(scratch, tuple(one.unique_id for one in (node, *below) if not _is_ephemeral(one)))

    def _below(self, node: Node) -> tuple[Node, ...]:
        manifest = self.artifacts.manifest
        models = self.lineage.blast_radius(node.unique_id).models
        found = [manifest.nodes[uid] for uid in models if uid in manifest.nodes]
        return tuple(found) if len(found) <= MOST_BELOW else ()

    def _build(self, dbt: Dbt, node: Node, below: Sequence[Node], scratch: ScratchTarget, seconds: float) -> None:
        # By its file: a name would select every folder that is called so.
        selected = f"path:{file_path(node)}{'+' if below else ''}"
        # What an incremental model holds was made by the file that is to be changed.
        arguments = ["build", "--select", selected, "--full-refresh", "--target", self.found.profile.target]
        arguments += ["--target-path", str(scratch.target_dir), "--log-path", str(scratch.target_dir)]
        if self.artifacts.manifest.unit_tests:
            # A unit test is about the text of a model. That of a fix may be another, with the same meaning.
            arguments += ["--exclude-resource-type", "unit_test"]
        arguments += self.artifacts.vars_arguments
        done = invoke(
            dbt,
            arguments,
            project_dir=scratch.project_dir,
            profiles_dir=scratch.profiles_dir,
            target=None,
            environment=scratch.environment,
            seconds=seconds,
        )
        if not (scratch.target_dir / "run_results.json").is_file():
            raise DbtError(f"dbt gave no results ({done.ending}): {done.last_words}")

    def _built(self, scratch: ScratchTarget, wanted: tuple[str, ...]) -> BuildResult:
        connection = replace(
            self.found.connection,
            project_dir=scratch.project_dir,
            profiles_dir=scratch.profiles_dir,
            target=self.found.profile.target,
            environment=scratch.environment,
        )
        artifacts = unbatch(read_artifacts(scratch.target_dir))
        access = WarehouseAccess(resolve_project(scratch.target_dir, connection).own_warehouse())
        with closing(access):
            results, _ = results_of(artifacts, access, Lineage.of(artifacts.manifest))
        made = [one.unique_id for one in artifacts.run_results.results if one.status == "success"]
        return BuildResult(results, tuple(uid for uid in made if uid.startswith(("model.", "snapshot."))), wanted)
