"""Results with the line of the file that says what was checked: it is what a reader opens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.dbt.project.yaml_lines import line_of
from aegis.domain.results import Result, ResultKind, Status

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.rules.book import RuleBook

_SILENT = (Status.PASS, Status.SKIPPED)


def placed(
    results: Sequence[Result], book: RuleBook | None, manifest: Manifest, folder: Path | None
) -> tuple[Result, ...]:
    """What did not pass, with ``file:line`` for its path where that is known: a rule's from the ``book``, a test's from
    the properties file that names its table and column in the project's ``folder``."""
    lines = {rule.id: f"{rule.source.file}:{rule.source.line}" for rule in book or () if rule.source}
    return tuple(_placed(result, lines, manifest, folder) for result in results)


def _placed(result: Result, rules: dict[str, str], manifest: Manifest, folder: Path | None) -> Result:
    if result.status in _SILENT:
        return result
    path = rules.get(result.rule_id) if result.kind is ResultKind.RULE else _of_test(result, manifest, folder)
    return result if path is None else result.model_copy(update={"path": path})


def _of_test(result: Result, manifest: Manifest, folder: Path | None) -> str | None:
    """Of a generic test of the project itself: those of packages stand elsewhere."""
    own = result.unique_id.split(".")[1:2] == [manifest.metadata.project_name]
    if folder is None or not own or not result.path or not result.path.endswith((".yml", ".yaml")):
        return None
    node = manifest.find(result.node) if result.node else None
    line = line_of(folder / result.path, node.name, result.column) if node and node.name else None
    return None if line is None else f"{result.path}:{line}"
