"""What the generic dbt test of each rule type is called.

dbt 1 looks a generic test up by its bare name, and in the installed packages before its own: a package with a test
named ``not_null`` answers to every ``not_null`` of every project that installs it. So no test of ours has a name that
dbt or another package has.
"""

from __future__ import annotations

SUFFIX = "_rule"

TAKEN = frozenset({"accepted_values", "foreign_key", "not_accepted_values", "not_empty_string", "not_null", "unique"})
"""Rule types whose name is that of a test of dbt's or of another package's (dbt_utils, dbt_constraints)."""


def generic_test(rule_type: str) -> str:
    """The generic test of a rule type, as a schema file names it: ``aegis.between``, ``aegis.not_null_rule``."""
    return f"aegis.{rule_type}{SUFFIX if rule_type in TAKEN else ''}"


def rule_type_of(namespace: str | None, test: str) -> str:
    """The rule type that a generic test checks; a test of somebody else's is what its name says."""
    if namespace != "aegis":
        return test
    plain = test.removesuffix(SUFFIX)
    return plain if plain in TAKEN else test
