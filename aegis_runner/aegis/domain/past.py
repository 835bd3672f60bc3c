"""What rules gave in earlier builds of a project and target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aegis.domain.base import Frozen
from aegis.domain.results import Status


@dataclass(frozen=True, slots=True)
class PastBuild:
    """One build: when it was made, and the status of each rule that was in it."""

    at: datetime
    statuses: Mapping[str, Status]


class PastVerdict(Frozen):
    """What a rule gave in ``builds`` builds, one after another, of which the first was made ``at`` that time."""

    at: datetime
    status: Status
    builds: int = 1


class RuleHistory(Frozen):
    """How a rule that fails did before.

    ``failing_since`` is the time of the first build since which it has not passed, and ``failing_builds`` how many
    those are, this one included. ``flips`` counts its changes between passed and failed in the last ``builds`` builds,
    this one included. ``last_passed`` is ``None`` where it passed in none of them. ``source`` says where that is
    written down, and ``verdicts`` are those of the earlier builds, the oldest first.
    """

    failing_since: datetime
    failing_builds: int
    flips: int
    builds: int
    last_passed: datetime | None
    source: Literal["audit", "warehouse"]
    verdicts: tuple[PastVerdict, ...] = ()
