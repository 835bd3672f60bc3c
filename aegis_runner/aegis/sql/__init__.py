"""SQL that people and models write: the gate that only one read-only expression or query passes, and its tables.

The one room, beside column lineage, that knows sqlglot; it is imported where it is used.
"""

from __future__ import annotations
