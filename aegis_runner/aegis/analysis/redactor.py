"""What an analysis may show, and to whom: the redactor, as artifacts, options and secrets make it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.dbt.graph.pii import key_columns, own_sql, pii_columns, public_columns
from aegis.privacy import Mode, PrivacyConfig, Redactor, secret_values

if TYPE_CHECKING:
    from aegis.connection.project import ProjectContext
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.dbt.graph.lineage import Lineage
    from aegis.domain.results import Result


def redactor_of(
    artifacts: Artifacts,
    lineage: Lineage,
    results: Sequence[Result],
    mode: str,
    project: ProjectContext | None,
    secrets: frozenset[str],
) -> Redactor:
    """The redactor of one analysis; ``secrets`` are those of a database that was opened by its address."""
    return Redactor(
        PrivacyConfig(
            mode=Mode(mode),
            pii_columns=pii_columns(artifacts.manifest),
            public_columns=public_columns(artifacts.manifest),
            key_columns=key_columns(artifacts.manifest),
            own_sql=own_sql(artifacts.manifest, lineage, results),
            secrets=secrets
            | environment_secrets()
            | (secret_values(project.profile.settings) if project else frozenset()),
        )
    )


def environment_secrets() -> frozenset[str]:
    """Secrets of the environment. The working folder is no password, whatever its variable is called."""
    return secret_values({name: value for name, value in os.environ.items() if name not in ("PWD", "OLDPWD")})
