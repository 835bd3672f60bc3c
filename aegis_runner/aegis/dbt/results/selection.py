"""What a dbt command was told to leave out, as far as its artifacts remember."""

from __future__ import annotations

from collections.abc import Sequence

from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.artifacts.statuses import COMPILERS

_WITHOUT_TESTS = COMPILERS | {"run", "seed", "snapshot", "clone", "run-operation"}
_OPTIONS = {
    "select": "--select",
    "models": "--select",
    "exclude": "--exclude",
    "selector": "--selector",
    "selector_name": "--selector",
    "resource_types": "--resource-type",
    "resource_type": "--resource-type",
    "exclude_resource_types": "--exclude-resource-type",
    "exclude_resource_type": "--exclude-resource-type",
}


def selected_by(artifacts: Artifacts) -> str | None:
    """Why a suite that dbt knows was no part of the run, in words; ``None`` where nothing was left out on purpose."""
    command = artifacts.command
    if command in _WITHOUT_TESTS:
        return f"`dbt {command}` runs no tests"
    if command == "retry":
        return "`dbt retry` runs again only what had not passed"
    given = _given(artifacts)
    if given:
        return f"not selected by `{' '.join(['dbt', command or 'build', *given])}`"
    if artifacts.manifest.selectors:
        return "not selected: the project has selectors, and one of them may be its default"
    if artifacts.is_dbt_2:
        # It writes neither what was selected nor --fail-fast, and leaves out what it did not start.
        return "no part of this dbt run (dbt 2 does not record what was selected)"
    return None


def _given(artifacts: Artifacts) -> list[str]:
    """The options that select, as one would type them."""
    words = []
    for name, option in _OPTIONS.items():
        value = (artifacts.run_results.args or {}).get(name)
        values = [value] if isinstance(value, str) else value
        if isinstance(values, Sequence) and values:
            words += [option, " ".join(str(one) for one in values)]
    return words
