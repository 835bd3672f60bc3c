"""Kinds that reports speak of, each with what follows from it. A kind is declared here and listed nowhere else."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class OriginKind(StrEnum):
    """Of what kind the place is where a fault began.

    Attributes:
        text: What people read.
        of_all_rows: Whether it is about all rows of the node, whichever column shows it.
        of_code: Whether the node's SQL makes the fault, so that the next build undoes a change of its rows.
        of_file: Whether a change of the node's file may end it.
    """

    text: str
    of_all_rows: bool
    of_code: bool
    of_file: bool

    def __new__(
        cls, value: str, text: str, of_all_rows: bool = False, of_code: bool = False, of_file: bool = False
    ) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.text, kind.of_all_rows, kind.of_code, kind.of_file = text, of_all_rows, of_code, of_file
        return kind

    BAD_SOURCE_DATA = "bad_source_data", "bad data in the source"
    LOGIC = "logic", "introduced by this node's logic", False, True, True
    JOIN = "join", "introduced by a join", True, True, True
    LOST_ROWS = "lost_rows", "rows are missing from here on", True, False, True
    STALE = "stale", "stale or partial upstream", True
    ERROR = "error", "could not be built", True, True
    CODE_CHANGED = "code_changed", "its code changed", True, True, True
    UNKNOWN = "unknown", "could not be traced further"

    @classmethod
    def _missing_(cls, value: object) -> OriginKind | None:
        # Reports before schema 1.5, which audit trails keep.
        return cls.BAD_SOURCE_DATA if value == "arrived_bad" else None


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
    ``ONSET``: since when. ``CHANGE``: which code changed. ``NEIGHBOURS``: what fails above it."""

    SEGMENTS = "segments"
    SHAPE = "shape"
    ONSET = "onset"
    CHANGE = "change"
    NEIGHBOURS = "neighbours"

    @property
    def of_others(self) -> bool:
        """Whether it speaks of other tables, or of the code, and not of the failing rows."""
        return self in (EvidenceKind.CHANGE, EvidenceKind.NEIGHBOURS)
