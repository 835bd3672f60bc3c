"""What was told of runs is remembered by address, as part of the chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aegis.audit import AuditTrail
from aegis.audit.models import NotificationRecord
from aegis.domain.notified import Told
from aegis.domain.severity import Severity
from aegis.errors import AuditError
from tests.unit.report.build import a_report, a_result

SLACK, MAIL = "https://hooks.slack.com", "mailto://mail.example"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def told(name: str) -> Told:
    return Told(key=("finding", None, name), severity=Severity.HIGH, findings=(("rule", name, "model.shop.orders"),))


@pytest.fixture
def trail(tmp_path: Path) -> AuditTrail:
    trail = AuditTrail.open(tmp_path / "trail.db")
    for run_id, target in (("r_1", "dev"), ("r_2", "prod")):
        trail.finish_run(a_report([a_result("a")], run_id=run_id, target=target))
    return trail


def record(trail: AuditTrail, run_id: str, name: str, sent: tuple[str, ...], unsent: tuple[str, ...] = ()) -> None:
    trail.record_notification(NotificationRecord(run_id=run_id, sent=sent, unsent=unsent, told=(told(name),)))


def test_what_an_address_took_was_told_there_and_nowhere_else(trail: AuditTrail) -> None:
    record(trail, "r_1", "a", (SLACK, MAIL))
    record(trail, "r_1", "b", (SLACK,), (MAIL,))
    record(trail, "r_1", "c", (SLACK,), (SLACK,))
    record(trail, "r_2", "d", (SLACK,))

    def names(address: str, target: str = "dev", since: datetime = LONG_AGO) -> list[str | None]:
        return [one.key[2] for one in trail.told_since(since, address, project="shop", target=target)]

    assert names(SLACK) == ["a", "b"]
    assert names(MAIL) == ["a"]
    assert names(SLACK, "prod") == ["d"]
    assert names(SLACK, since=datetime.now(UTC) + timedelta(minutes=1)) == []
    assert trail.told_since(LONG_AGO, SLACK, project="shop", target="dev")[0] == told("a")


def test_what_was_told_is_a_link_of_the_chain_and_goes_with_its_run(trail: AuditTrail) -> None:
    record(trail, "r_1", "a", (SLACK,))
    assert trail.verify().ok
    trail.prune(timedelta(days=1), moment=datetime.now(UTC) + timedelta(days=3650))
    assert trail.verify().ok
    assert trail.told_since(LONG_AGO, SLACK, project="shop", target="dev") == ()


def test_a_message_about_no_run_is_refused(trail: AuditTrail) -> None:
    with pytest.raises(AuditError, match="no run r_9 was started"):
        record(trail, "r_9", "a", (SLACK,))
