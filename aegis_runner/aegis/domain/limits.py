"""Bounds that a user may set, each with its usual value: the owner of the number that help and reference print."""

from __future__ import annotations

MAX_QUERIES = 400
"""Queries that the search for causes may send."""
MAX_SECONDS = 120.0
"""Seconds that it may spend on them."""
MAX_TRIAL_ROWS = 5_000_000
"""Rows of a table on which a fix is tried."""
