"""What every way of sending raises."""

from __future__ import annotations


class NotSent(Exception):
    """A message did not go out. The reason holds nothing of the address, nor text from the network but for words."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
