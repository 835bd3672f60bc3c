"""How a report is to be rendered. One model for every format; a renderer ignores what it has no use for."""

from __future__ import annotations

from dataclasses import dataclass

MIN_WIDTH = 60
MAX_WIDTH = 160
#: The longest comment that GitHub accepts, and the longest note that GitLab does, in characters.
COMMENT_LIMIT = 65_536
NOTE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """Rendering choices.

    Args:
        width: Columns of the terminal; used between 60 and 160.
        height: Lines that a usual run should fit (terminal).
        color: Whether ANSI colours may be used (terminal).
        verbose: Every finding in full and every result (terminal, markdown).
        report_path: Where the full report was written, to tell the reader.
        recorded: Whether the run is in the audit trail, where `aegis show` finds it.
        limit: The most characters that may be returned (markdown).
        path_prefix: The folder of the dbt project in its repository, where it is not the root (what names files).
    """

    width: int = 100
    height: int = 40
    color: bool = False
    verbose: bool = False
    report_path: str | None = None
    recorded: bool = True
    limit: int = COMMENT_LIMIT
    path_prefix: str = ""

    @property
    def columns(self) -> int:
        """``width``, held between the bounds that the layout is made for."""
        return max(MIN_WIDTH, min(MAX_WIDTH, self.width))
