"""Kinds that reports speak of, each with what follows from it. A kind is declared here and listed nowhere else."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class OriginKind(StrEnum):
    """Of what kind the place is where a fault began."""

    BAD_SOURCE_DATA = "bad_source_data"
    LOGIC = "logic"
    JOIN = "join"
    LOST_ROWS = "lost_rows"
    STALE = "stale"
    ERROR = "error"
    CODE_CHANGED = "code_changed"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> OriginKind | None:
        # Reports before schema 1.5, which audit trails keep.
        return cls.BAD_SOURCE_DATA if value == "arrived_bad" else None

    @property
    def text(self) -> str:
        """What people read."""
        return _ORIGINS[self].text

    @property
    def of_all_rows(self) -> bool:
        """Whether it is about all rows of the node, whichever column shows it."""
        return _ORIGINS[self].of_all_rows

    @property
    def of_code(self) -> bool:
        """Whether the node's SQL makes the fault, so that the next build undoes a change of its rows."""
        return _ORIGINS[self].of_code

    @property
    def of_file(self) -> bool:
        """Whether a change of the node's file may end it."""
        return _ORIGINS[self].of_file


class _Origin(NamedTuple):
    text: str
    of_all_rows: bool = False
    of_code: bool = False
    of_file: bool = False


_ORIGINS = {
    OriginKind.BAD_SOURCE_DATA: _Origin("bad data in the source"),
    OriginKind.LOGIC: _Origin("introduced by this node's logic", of_code=True, of_file=True),
    OriginKind.JOIN: _Origin("introduced by a join", of_all_rows=True, of_code=True, of_file=True),
    OriginKind.LOST_ROWS: _Origin("rows are missing from here on", of_all_rows=True, of_file=True),
    OriginKind.STALE: _Origin("stale or partial upstream", of_all_rows=True),
    OriginKind.ERROR: _Origin("could not be built", of_all_rows=True, of_code=True),
    OriginKind.CODE_CHANGED: _Origin("its code changed", of_all_rows=True, of_code=True, of_file=True),
    OriginKind.UNKNOWN: _Origin("could not be traced further"),
}


class Verdict(StrEnum):
    """What trying a proposal showed, from the best to the worst; `aegis.domain.report.Trial` says what each means."""

    VERIFIED = "verified"
    PARTIAL = "partial"
    NOT_TRIED = "not tried"
    USELESS = "useless"
    HARMFUL = "harmful"
    REFUSED = "refused"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(Verdict).index(self)

    @property
    def helps(self) -> bool:
        """Whether fewer rows fail with it, or none."""
        return self.rank <= Verdict.PARTIAL.rank

    @property
    def may_be_suggested(self) -> bool:
        """Whether nothing speaks against it."""
        return self.rank <= Verdict.NOT_TRIED.rank


class ProposalKind(StrEnum):
    """What a proposal is. ``language`` is that of its text; None for words."""

    DATA_FIX = "data_fix"
    MODEL_FIX = "model_fix"
    UPSTREAM_ACTION = "upstream_action"

    @property
    def language(self) -> str | None:
        return _LANGUAGES.get(self)


_LANGUAGES = {ProposalKind.DATA_FIX: "sql", ProposalKind.MODEL_FIX: "diff"}


class EvidenceKind(StrEnum):
    """What a fact is about. ``SEGMENTS``: what failing rows have in common. ``SHAPE``: which values are wrong.
    ``ONSET``: since when. ``CHANGE``: which code changed. ``NEIGHBOURS``: what fails above it.
    ``PROOF``: what was seen with suspected rows left out."""

    SEGMENTS = "segments"
    SHAPE = "shape"
    ONSET = "onset"
    CHANGE = "change"
    NEIGHBOURS = "neighbours"
    PROOF = "proof"

    @property
    def of_others(self) -> bool:
        """Whether it speaks of other tables, or of the code, and not of the failing rows."""
        return self in (EvidenceKind.CHANGE, EvidenceKind.NEIGHBOURS, EvidenceKind.PROOF)
