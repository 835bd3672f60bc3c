"""Tell people elsewhere what a run found. It never costs a report: what could not be sent is handed back in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.domain.choices import NotifyOn
from aegis.domain.report import Report
from aegis.domain.severity import Severity
from aegis.errors import AuditError, UsageError

if TYPE_CHECKING:
    from aegis.audit import AuditTrail
    from aegis.audit.models import NotificationRecord
    from aegis.domain.notified import Told
    from aegis.notify import Address, Delivery, Message


@dataclass(frozen=True, slots=True)
class NotifyOptions:
    """Whom to tell, and of what."""

    urls: tuple[str, ...] = field(default=(), repr=False)
    """Where to; none: nobody is told."""
    on: NotifyOn = "failures"
    """Which runs send a message."""
    least: Severity = Severity.INFO
    """The severity from which on findings are told."""
    quiet_for: timedelta | None = None
    """How long a cause that was told is not told again; None: it is told each time."""
    audit_db: Path | None = None
    """The audit trail; the default one if None."""
    audit: bool = True
    """Whether there is one."""


def check(options: NotifyOptions) -> None:
    """Refuse what cannot work before anything runs.

    Raises:
        UsageError: What is asked for needs the audit trail, which is off.
    """
    if not options.urls or options.audit:
        return
    for option, needs in (("--notify-on change", options.on == "change"), ("--quiet-for", bool(options.quiet_for))):
        if needs:
            raise UsageError(
                f"{option} needs the audit trail, which --no-audit turns off",
                hint="It says what the last run found, and what was told. Leave one of the two out.",
            )


def notify(report: Report, options: NotifyOptions) -> tuple[str, ...]:
    """Send the message of a run to every address, and remember it; in words, what went wrong."""
    if not options.urls:
        return ()
    from aegis.notify import Wanted, compose, send

    problems: list[str] = []
    addresses = _addresses(options.urls, problems)
    before, told = _past(report, options, addresses, problems)
    letters: list[tuple[Message, Address]] = []
    for address in addresses:
        wanted = Wanted(on=options.on, least=options.least, told=told.get(address.shown, ()))
        message = compose(report, wanted, before)
        letters += [(message, address)] if message is not None else []
    sent = send(letters)
    problems += [str(one) for one in sent if one.problem is not None]
    if letters and options.audit:
        problems += _remembered(report, [message for message, _ in letters], sent, options)
    return tuple(problems)


def tell_now(report: Report, urls: tuple[str, ...]) -> tuple[str, ...]:
    """Send an earlier report, whatever is in it; in words, what went wrong."""
    return notify(report, NotifyOptions(urls=urls, on="all", audit=False))


def _addresses(urls: Iterable[str], problems: list[str]) -> tuple[Address, ...]:
    from aegis.notify import parse

    found = []
    for url in dict.fromkeys(urls):
        try:
            found.append(parse(url))
        except UsageError as error:
            problems.append(f"no notification was sent to {error.where}: {error.message}. {error.hint}")
    return tuple(found)


def _past(
    report: Report, options: NotifyOptions, addresses: Iterable[Address], problems: list[str]
) -> tuple[Report | None, Mapping[str, tuple[Told, ...]]]:
    """The report before this one, and what each address was told a short while ago, where they are asked for. Where the
    trail cannot tell, everything is new: a message too many is better than one too few."""
    if options.on != "change" and not options.quiet_for:
        return None, {}
    from aegis.analysis.record import trail_path
    from aegis.audit import AuditTrail

    run, before = report.run, None
    told: dict[str, tuple[Told, ...]] = {}
    try:
        with AuditTrail.open(trail_path(options.audit_db), create=False) as trail:
            before = _before(trail, run.run_id) if options.on == "change" else None
            for shown in {address.shown for address in addresses} if options.quiet_for else ():
                since = datetime.now(UTC) - (options.quiet_for or timedelta())
                told[shown] = trail.told_since(since, shown, project=run.project, target=run.target)
    except AuditError as error:
        problems.append(f"notifications do not know what was told before: {error}")
    return before, told


def _before(trail: AuditTrail, run_id: str) -> Report | None:
    from aegis.audit.naming import PREVIOUS

    try:
        earlier = trail.run_id(PREVIOUS, other=run_id)
    except UsageError:  # the first run of this project and target, or one that could not be recorded
        return None
    return trail.show(earlier)


def _remembered(
    report: Report, messages: Sequence[Message], sent: Sequence[Delivery], options: NotifyOptions
) -> tuple[str, ...]:
    """Write down each message once, with the addresses that took it and those that did not."""
    from aegis.analysis.record import trail_path
    from aegis.audit import AuditTrail

    groups: dict[tuple[Told, ...], list[Delivery]] = {}
    for message, delivery in zip(messages, sent, strict=True):
        groups.setdefault(message.told, []).append(delivery)
    try:
        with AuditTrail.open(trail_path(options.audit_db)) as trail:
            for told, deliveries in groups.items():
                trail.record_notification(_record(report.run.run_id, told, deliveries))
    except AuditError as error:
        return (f"what was told is not in the audit trail: {error}",)
    return ()


def _record(run_id: str, told: tuple[Told, ...], deliveries: Sequence[Delivery]) -> NotificationRecord:
    from aegis.audit.models import NotificationRecord

    return NotificationRecord(
        run_id=run_id,
        sent=tuple(one.address for one in deliveries if one.problem is None),
        unsent=tuple(one.address for one in deliveries if one.problem is not None),
        told=told,
    )
