"""What was told of runs, and whether it arrived."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

from aegis.audit.chain import Cell
from aegis.audit.models import NotificationRecord
from aegis.audit.reading import unreadable
from aegis.audit.records import now, utc
from aegis.domain.notified import Told

_SINCE = """SELECT n.run_id, n.sent, n.unsent, n.told FROM notifications AS n JOIN run_ends AS e ON e.run_id = n.run_id
WHERE e.project IS ? AND e.target IS ? AND n.recorded_at >= ? ORDER BY n.seq"""


def cells(record: NotificationRecord) -> dict[str, Cell]:
    """As the trail keeps it."""
    return {
        "run_id": record.run_id,
        "recorded_at": now(),
        "sent": json.dumps(record.sent),
        "unsent": json.dumps(record.unsent),
        "told": json.dumps([told.model_dump(mode="json") for told in record.told], ensure_ascii=False),
    }


def told_since(
    connection: sqlite3.Connection,
    path: Path,
    moment: datetime,
    address: str,
    *,
    project: str | None,
    target: str | None,
) -> tuple[Told, ...]:
    """What messages about this project and target told ``address`` since ``moment``. Addresses are known by what may be
    shown of them, which several may share: what one of those did not take was not told.

    Raises:
        AuditError: A row holds what none can.
    """
    found: list[Told] = []
    for run_id, sent, unsent, told in connection.execute(_SINCE, (project, target, utc(moment))):
        try:
            if address in json.loads(sent) and address not in json.loads(unsent):
                found += [Told.model_validate(one) for one in json.loads(told)]
        except (ValueError, TypeError) as error:
            raise unreadable(path, str(run_id)) from error
    return tuple(found)
