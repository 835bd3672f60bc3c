"""The forms of what a model answers. A model sees the names and the descriptions of the fields."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from aegis.domain.kinds import ProposalKind

LONGEST = 1_200
"""Characters of prose that a report takes from a model."""


class Diagnosis(BaseModel):
    """What is wrong, in words."""

    diagnosis: str = Field(min_length=1, max_length=LONGEST, description="At most two plain sentences.")
    cites: list[str] = Field(description="The ids of the evidence that the diagnosis rests on.")


class ProposedFix(BaseModel):
    """One repair."""

    kind: Literal[ProposalKind.DATA_FIX, ProposalKind.MODEL_FIX, ProposalKind.UPSTREAM_ACTION] = Field(
        description="Whether SQL repairs rows, another file of the model keeps them right, or people upstream act."
    )
    sql: str = Field(
        max_length=20_000, description="data_fix: one statement. model_fix: the whole new file. Else empty."
    )
    what: str = Field(min_length=1, max_length=LONGEST, description="What it does, in one sentence.")
    caveat: str = Field(
        description="What a person must think of before, in one sentence; or empty.", max_length=LONGEST
    )


class Remedy(BaseModel):
    """What follows from a cause, and what could be done."""

    explanation: str = Field(min_length=1, max_length=LONGEST, description="At most two plain sentences.")
    proposals: list[ProposedFix] = Field(max_length=2, description="The best first; empty if nothing safe can be said.")
