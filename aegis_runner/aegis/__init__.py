"""Aegis finds bad data in dbt projects, proves where it came from, and proposes a fix that it has already tried.

    >>> from aegis import rules, run
    >>> report = run([rules.NotNull(table="orders", column="id")], database="shop.duckdb")

The public names are loaded when they are first used, so that ``import aegis`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aegis.domain.version import VERSION

if TYPE_CHECKING:
    from aegis import rules
    from aegis.analysis.options import AnalyzeOptions
    from aegis.app.analyze import analyze
    from aegis.app.run import run
    from aegis.app.run_options import RunOptions
    from aegis.app.settings import RunSettings
    from aegis.connection.project import ProjectOptions
    from aegis.dbt.engine.invoke import Progress
    from aegis.domain.report import Finding, Report
    from aegis.domain.results import Result, Status
    from aegis.domain.severity import Severity
    from aegis.errors import (
        AegisError,
        ArtifactError,
        AuditError,
        ConfigError,
        DbtError,
        Problem,
        ProviderError,
        RefusedError,
        RulesError,
        UsageError,
        WarehouseError,
    )
    from aegis.llm.config import LlmConfig
    from aegis.rules.book import RuleBook
    from aegis.rules.load import load_rules
    from aegis.rules.model import Rule
    from aegis.warehouse.base import Rows

__version__ = VERSION

_HOMES = {
    "AegisError": "aegis.errors",
    "AnalyzeOptions": "aegis.analysis.options",
    "ArtifactError": "aegis.errors",
    "AuditError": "aegis.errors",
    "ConfigError": "aegis.errors",
    "DbtError": "aegis.errors",
    "Finding": "aegis.domain.report",
    "LlmConfig": "aegis.llm.config",
    "Problem": "aegis.errors",
    "Progress": "aegis.dbt.engine.invoke",
    "ProjectOptions": "aegis.connection.project",
    "ProviderError": "aegis.errors",
    "RefusedError": "aegis.errors",
    "Report": "aegis.domain.report",
    "Result": "aegis.domain.results",
    "Rows": "aegis.warehouse.base",
    "Rule": "aegis.rules.model",
    "RuleBook": "aegis.rules.book",
    "RulesError": "aegis.errors",
    "RunOptions": "aegis.app.run",
    "RunSettings": "aegis.app.settings",
    "Severity": "aegis.domain.severity",
    "Status": "aegis.domain.results",
    "UsageError": "aegis.errors",
    "WarehouseError": "aegis.errors",
    "analyze": "aegis.app.analyze",
    "load_rules": "aegis.rules.load",
    "run": "aegis.app.run",
}
_MODULES = frozenset({"rules"})

__all__ = [
    "AegisError",
    "AnalyzeOptions",
    "ArtifactError",
    "AuditError",
    "ConfigError",
    "DbtError",
    "Finding",
    "LlmConfig",
    "Problem",
    "Progress",
    "ProjectOptions",
    "ProviderError",
    "RefusedError",
    "Report",
    "Result",
    "Rows",
    "Rule",
    "RuleBook",
    "RulesError",
    "RunOptions",
    "RunSettings",
    "Severity",
    "Status",
    "UsageError",
    "WarehouseError",
    "__version__",
    "analyze",
    "load_rules",
    "rules",
    "run",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"aegis.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'aegis' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
