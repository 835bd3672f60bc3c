"""What the fields of a report hold: names, SQL, or prose."""

from __future__ import annotations

from aegis.privacy.words import words

#: Names and settings: only secrets and values of a telling shape are looked for. Any field that is not listed is taken
#: for prose.
IDENTIFIERS = words(
    """id unique_id rule_id rule_type kind status severity effective_severity level node table column columns
    redacted path owner runbook tags name type models tests run_id aegis_version command depth target_dir rules_file
    project target adapter dbt_version dbt_invocation_id llm schema_version verdict cause_id finding_ids origin
    artifact where lineage_hints proposal_strategy fail_on by_severity timings diagnosis_by explanation_by cites why
    dbt_command edges"""
)
SQL = frozenset({"failing_rows_sql", "query", "sql", "undo"})
#: What the user wrote in a rule, or what was made of that alone: no data stands in it.
OWN = frozenset({"expected", "failing_rows_sql"})
#: What a warehouse or dbt says. It quotes values by its own ways.
MESSAGES = words("message what why unchecked error hint no_proposal")
