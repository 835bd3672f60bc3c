"""Aegis finds bad data in dbt projects, proves where it came from, and proposes a fix that it has already tried.

The public names are loaded when they are first used, so that ``import aegis`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aegis.app.analyze import AnalyzeOptions, analyze
    from aegis.app.run import RunOptions, run
    from aegis.domain.report import Finding, Report
    from aegis.domain.results import Result, Status
    from aegis.domain.severity import Severity
    from aegis.errors import AegisError
    from aegis.rules.book import RuleBook
    from aegis.rules.load import load_rules
    from aegis.rules.model import Rule

__version__ = "0.1.0"

_HOMES = {
    "AegisError": "aegis.errors",
    "AnalyzeOptions": "aegis.app.analyze",
    "Finding": "aegis.domain.report",
    "Report": "aegis.domain.report",
    "Result": "aegis.domain.results",
    "Rule": "aegis.rules.model",
    "RuleBook": "aegis.rules.book",
    "RunOptions": "aegis.app.run",
    "Severity": "aegis.domain.severity",
    "Status": "aegis.domain.results",
    "analyze": "aegis.app.analyze",
    "load_rules": "aegis.rules.load",
    "run": "aegis.app.run",
}

__all__ = [
    "AegisError",
    "AnalyzeOptions",
    "Finding",
    "Report",
    "Result",
    "Rule",
    "RuleBook",
    "RunOptions",
    "Severity",
    "Status",
    "__version__",
    "analyze",
    "load_rules",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'aegis' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
