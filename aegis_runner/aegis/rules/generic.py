"""What the generic dbt test of each rule type is called.

dbt 1 looks a generic test up by its bare name, and in the installed packages before its own: a package with a test
named ``not_null`` answers to every ``not_null`` of every project that installs it. So no test of ours has a name that
dbt or another package has (`aegis.rules.traits.Traits.name_taken`).
"""

from __future__ import annotations

from aegis.rules.model import registry

SUFFIX = "_rule"


def generic_test(rule_type: str) -> str:
    """The generic test of a rule type, as a schema file names it: ``aegis.between``, ``aegis.not_null_rule``."""
    return f"aegis.{rule_type}{SUFFIX if registry()[rule_type].traits.name_taken else ''}"


def rule_type_of(namespace: str | None, test: str) -> str:
    """The rule type that a generic test checks; a test of somebody else's is what its name says."""
    if namespace != "aegis":
        return test
    plain = test.removesuffix(SUFFIX)
    known = registry()
    return plain if plain in known and known[plain].traits.name_taken else test
