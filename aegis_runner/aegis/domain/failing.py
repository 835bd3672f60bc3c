"""A failing run, as a comment on a pull request remembers it until everything is fixed."""

from __future__ import annotations

from datetime import datetime

from aegis.domain.base import Frozen


class Failing(Frozen):
    """The run, when it ended (UTC), and how many findings and causes it had."""

    run_id: str
    at: datetime
    findings: int
    causes: int
