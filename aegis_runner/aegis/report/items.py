"""What there is to act on, one by one, for the formats that machines read: where it is, what to say, and a name that
is the same in the next run.

All text that `Item` gives is on one line and printable, as `aegis.report.text.one_line` makes it; what it means to the
format is for the format to escape.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aegis.domain.identity import result_key
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Cause, Finding, Report
from aegis.domain.results import Result, Status
from aegis.domain.severity import Level, Severity
from aegis.report.accounts import no_verdict
from aegis.report.causes import fix, origin, path_of, told, unseen
from aegis.report.layout import worst_first
from aegis.report.options import Options
from aegis.report.text import one_line
from aegis.report.words import about, breaks, expectation, how_many, key_text, reason, usual_causes, what_failed, why

#: A name, and a whole sentence, in characters.
NAME, SENTENCE = 120, 500
#: The file that is named where a result has none in the project: the formats ask for one.
PROJECT_FILE = "dbt_project.yml"
#: Keys of failing rows that are named.
KEYS = 5

_FILE_AND_LINE = re.compile(r"(?P<file>.+?)(?::(?P<line>[1-9]\d{0,8}))?", re.DOTALL)
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Place:
    """A file of the repository, with forward slashes, and a line of it (1-based). Not ``known``: it stands in for a
    file that nothing names."""

    file: str
    line: int = 1
    known: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """A finding, or (without one) a result that gave no verdict. ``key`` is 64 hexadecimal digits that are the same
    for the same rule on the same table in the next run, however many rows fail then, and unique in the report."""

    result: Result
    severity: Severity
    key: str
    place: Place
    finding: Finding | None = None
    cause: Cause | None = None
    mates: tuple[Finding, ...] = ()
    """All findings of the cause, worst first; the finding alone where it has none."""

    @property
    def could_not_run(self) -> bool:
        """Whether nothing is known about the data."""
        return self.result.status in (Status.ERROR, Status.SKIPPED)

    @property
    def draft(self) -> bool:
        """Whether it fails no run, whatever its severity."""
        return self.result.level is Level.NONE

    @property
    def title(self) -> str:
        """``orders: customer_id is NULL``."""
        place = about(self.result)
        return self.failure if place == self.result.rule_id else f"{brief(place, NAME)}: {self.failure}"

    @property
    def failure(self) -> str:
        """``customer_id is NULL``, or which rule could not run."""
        if self.could_not_run:
            what = "was skipped" if self.result.status is Status.SKIPPED else "could not run"
            return f"{brief(self.result.rule_id, NAME)} {what}"
        draft = " (draft)" if self.draft else ""
        return what_failed(self.result, partial(brief, limit=NAME)) + draft

    @property
    def rows(self) -> str:
        """``1,230 of 84,112 rows (1.5%)``; empty where rows are not the measure."""
        return how_many(self.result, self.cause.path if self.cause else ())

    def facts(self) -> Iterator[tuple[str, str]]:
        """Label and text of what helps to act on it, the most important first."""
        result, finding, cause = self.result, self.finding, self.cause
        if self.could_not_run:
            yield "reason", brief(reason(result) or "no message was given")
        label, said = expectation(result, brief)
        yield label, "" if self.could_not_run else said
        yield "cause", brief(cause.title) if cause else ""
        if finding is not None:
            yield from ((label, brief(text)) for label, text in _found(self.mates or (finding,), finding, cause))
        if result.failing_keys:
            yield "keys", ", ".join(brief(key_text(key), 80) for key in result.failing_keys[:KEYS])
        yield "rule", "" if self.could_not_run else brief(result.rule_id, NAME)
        yield "owner", brief(result.owner or "", NAME)
        yield "runbook", brief(result.runbook or "")

    def sentence(self, most: int) -> str:
        """All of it in at most so many characters: ``raw.orders: customer_id is NULL: 1,230 rows. Cause: …``."""
        head = ": ".join(filter(None, [self.title, self.rows]))
        said = [f"{label.capitalize()}: {text.removesuffix('.')}" for label, text in self.facts() if text]
        text = ". ".join([head, *said])
        return shorten(text, most)


def _found(mates: Sequence[Finding], finding: Finding, cause: Cause | None) -> Iterator[tuple[str, str]]:
    yield "why", (cause.explanation if cause else None) or why(finding)
    if cause is not None:
        yield "origin", origin(cause)
        yield "unseen", unseen(cause)
    for item in told(mates, EvidenceKind.SEGMENTS)[:1]:
        yield "seen", item.text
    yield "path", path_of(cause) if cause else ""
    yield "usually", usual_causes([finding])
    yield "breaks", breaks(finding.blast_radius)
    yield "fix", fix(mates)


def utc(moment: datetime) -> datetime:
    """A time without a zone is UTC, as everywhere in a report."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def brief(text: str, limit: int = SENTENCE) -> str:
    """``text`` on one line, harmless, of at most ``limit`` characters. Of a megabyte only the beginning is read."""
    return shorten(one_line(text[: limit + 1]), limit)


def named(text: str, limit: int = NAME) -> str:
    """A name, which formats want to be there."""
    return brief(text, limit) or "unnamed"


def shorten(text: str, most: int) -> str:
    """``text``, ended with an ellipsis where it has more than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def items(report: Report, options: Options) -> list[Item]:
    """Findings, worst first, drafts after them; then what could not run, and what was skipped for it."""
    findings = sorted(worst_first(report), key=lambda finding: finding.result.level is Level.NONE)
    causes = {finding_id: cause for cause in reversed(report.causes) for finding_id in cause.finding_ids}
    mates: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.id in causes:
            mates.setdefault(causes[finding.id].id, []).append(finding)
    told_of = {(finding.rule_id, finding.result.unique_id) for finding in findings}
    silent = [one for one in no_verdict(report.results) if (one.rule_id, one.unique_id) not in told_of]
    silent.sort(key=lambda one: one.status is Status.SKIPPED)
    keys = _keys([*(finding.result for finding in findings), *silent])
    found = []
    for finding in findings:
        cause = causes.get(finding.id)
        others = tuple(mates[cause.id]) if cause else (finding,)
        place = place_of(finding.result, options)
        found.append(Item(finding.result, finding.effective_severity, next(keys), place, finding, cause, others))
    return found + [Item(one, one.severity, next(keys), place_of(one, options)) for one in silent]


def _keys(results: list[Result]) -> Iterator[str]:
    """A name for each. Those that are about the same are told apart by the dbt node that ran, then by their order."""
    shared = Counter(map(result_key, results))
    seen: Counter[tuple[str, ...]] = Counter()
    for result in results:
        key: tuple[str, ...] = result_key(result)
        if shared[result_key(result)] > 1:
            key = (*key, result.unique_id)
        seen[key] += 1
        parts = (*key, str(seen[key])) if seen[key] > 1 else key
        text = "".join(f"{len(part)}:{part}" for part in parts)
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def place_of(result: Result, options: Options) -> Place:
    """The file of the rule or model, from the root of the repository. A path that leads out of it is none: a format
    that names files has no use for one, and a path of the machine belongs in no report."""
    match = _FILE_AND_LINE.fullmatch((result.path or "").replace("\\", "/"))
    file, line = (match["file"], int(match["line"] or 1)) if match else ("", 1)
    parts = [part for part in file.split("/") if part not in ("", ".")]
    inside = bool(parts) and not _ABSOLUTE.match(file) and ".." not in parts
    known = inside and len(file) <= SENTENCE and one_line(file) == file
    folder = [part for part in options.path_prefix.replace("\\", "/").split("/") if part not in ("", ".")]
    name = "/".join([*folder, *(parts if known else [PROJECT_FILE])])
    return Place(name, line if known else 1, known)
