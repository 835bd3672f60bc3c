"""The options of notifications, and what is done with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from aegis.cli.choices import choice
from aegis.domain.choices import NotifyOn
from aegis.domain.severity import Severity

if TYPE_CHECKING:
    from aegis.app.notify import NotifyOptions
    from aegis.domain.report import Report

NOTIFICATIONS = "Notifications"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _pause(value: str) -> timedelta:
    """``30m``, ``24h``, ``7d``.

    Raises:
        UsageError: It is not of that form.
    """
    found = re.fullmatch(r"(\d{1,5})([mhd])", value.strip())
    if found is None:
        from aegis.errors import UsageError

        raise UsageError(
            f"--quiet-for cannot be {value!r}", hint="It is a number of minutes, hours or days: 30m, 24h or 7d."
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Notify = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        metavar="<url>",
        help="Send a message to this address: a Slack webhook, or any address of Apprise; may be given several times "
        "(also AEGIS_NOTIFY).",
        rich_help_panel=NOTIFICATIONS,
    ),
]
NotifyOnce = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        metavar="<url>",
        help="Send the report to this address, too: a Slack webhook, or any address of Apprise; may be given several "
        "times.",
    ),
]
When = Annotated[
    NotifyOn,
    choice("--notify-on", of=get_args(NotifyOn), help="Which runs send one", rich_help_panel=NOTIFICATIONS),
]
Least = Annotated[
    str,
    choice(
        "--notify-severity", of=Severity, help="Tell findings from this severity on", called="severity",
        rich_help_panel=NOTIFICATIONS,
    ),
]  # fmt: skip
QuietFor = Annotated[
    timedelta | None,
    typer.Option(
        "--quiet-for",
        parser=_pause,
        metavar="<time>",
        help="Do not tell a cause again for so long, unless it got worse: 30m, 24h or 7d.",
        rich_help_panel=NOTIFICATIONS,
    ),
]


@dataclass(frozen=True, slots=True)
class Notifying:
    """What a command was told of notifications."""

    urls: list[str] | None
    on: NotifyOn
    least: str
    quiet_for: timedelta | None
    audit_db: Path | None
    no_audit: bool

    def check(self) -> None:
        """Refuse what cannot work before anything runs.

        Raises:
            UsageError: What is asked for needs the audit trail, which is off.
        """
        from aegis.app.notify import check

        check(self._options())

    def send(self, report: Report) -> None:
        """Send the message of a run, if it gives one; what could not be sent is told on stderr."""
        options = self._options()
        if options.urls:
            from aegis.app.notify import notify

            _tell(notify(report, options))

    def _options(self) -> NotifyOptions:
        import os

        from aegis.app.notify import NotifyOptions

        return NotifyOptions(
            urls=tuple(self.urls or os.environ.get("AEGIS_NOTIFY", "").split()),
            on=self.on,
            least=Severity(self.least),
            quiet_for=self.quiet_for,
            audit_db=self.audit_db,
            audit=not self.no_audit,
        )


def send_once(report: Report, urls: list[str] | None) -> None:
    """Send an earlier report; what could not be sent is told on stderr."""
    if urls:
        from aegis.app.notify import tell_now

        _tell(tell_now(report, tuple(urls)))


def _tell(problems: tuple[str, ...]) -> None:
    from aegis.cli.output import tell

    for problem in problems:
        tell(f"aegis: {problem}")
