"""What a report says of its own redaction."""

from __future__ import annotations

from typing import Literal

from aegis.domain.base import Frozen
from aegis.domain.choices import PrivacyMode

#: What stands where a value was: of one width, so that it tells nothing, and like nothing that data holds.
MASK: Literal["▒▒▒"] = "▒▒▒"


class Privacy(Frozen):
    """How a report was redacted: the ``mode`` of ``--privacy``, and the ``mask`` that stands where a value was. A
    member, cell or key that is equal to it was masked. A statement that begins with not SQL: data in it was
    masked."""

    mode: PrivacyMode
    mask: Literal["▒▒▒"] = MASK
