"""The frozen report: what an analysis found. Renderers take it and return text; ``--json`` prints it.

``SCHEMA_VERSION`` follows semantic versioning: a new optional field raises the minor number, a removed or
changed one the major number. ``docs/reference/report-schema.json`` is generated from these models.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from aegis.domain.asked import Omission
from aegis.domain.base import Frozen
from aegis.domain.choices import Depth
from aegis.domain.kinds import EvidenceKind, OriginKind
from aegis.domain.lineage import LineageGraph
from aegis.domain.past import RuleHistory
from aegis.domain.privacy import Privacy
from aegis.domain.proposals import Proposal
from aegis.domain.results import Result
from aegis.domain.severity import Severity

SCHEMA_VERSION = "1.6"


class Reason(Frozen):
    """Why a severity was raised: ``what`` (for example ``failed_share``), the number behind it, in words."""

    what: str
    value: JsonValue
    raised_by: int
    text: str


class Exposure(Frozen):
    name: str
    type: str | None = None
    owner: str | None = None


class BlastRadius(Frozen):
    """What depends on the failing node: dbt unique ids of models, snapshots and tests, and exposures."""

    models: tuple[str, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    tests: tuple[str, ...] = ()


class Sample(Frozen):
    """A few failing rows. ``redacted`` names the columns whose values were masked."""

    columns: tuple[str, ...]
    rows: tuple[tuple[JsonValue, ...], ...]
    query: str
    redacted: tuple[str, ...] = ()


class Quoted(Frozen):
    """A value that a text quotes, in apostrophes, and the column that it is from."""

    column: str
    value: str


class Evidence(Frozen):
    """A fact, with the query or the artifact path that gave it. ``values`` are those that the text quotes."""

    id: str
    kind: EvidenceKind
    text: str
    query: str | None = None
    artifact: str | None = None
    data: JsonValue = None
    values: tuple[Quoted, ...] = ()


class Hop(Frozen):
    """A table on the way from the origin down to the finding: how many rows show the fault there (``None`` where that
    was not counted), what was asked of it, and by which rule type, if it was one."""

    node: str
    table: str
    column: str | None = None
    rows_failed: int | None = None
    asked: str
    type: str | None = None


class Rca(Frozen):
    """Where the fault began (a dbt unique id), of what kind it is, the path from there, how sure that is by what could
    be checked (0 to 1), what was not checked, and which nodes it could be instead, likeliest first."""

    origin: str
    kind: OriginKind
    path: tuple[Hop, ...] = ()
    confidence: float
    unchecked: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class Guidance(Frozen):
    """What the owner of a rule wrote for the time when it fails: what usually causes that, tables where its rows come
    from with the columns that matter there, and what is to be proposed (None where nothing is said)."""

    common_causes: tuple[str, ...] = ()
    lineage_hints: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    proposal_strategy: Literal["llm_with_lineage", "llm_simple", "none"] | None = None


class Finding(Frozen):
    """A result that failed, or a model that its rows kept from being built, with what is known about it. ``id`` is F1,
    F2, … worst first. ``diagnosis_by`` is the model whose words the diagnosis is, ``None`` where it is made of the
    evidence; ``cites`` are ids of evidence. ``rejected`` are proposals that did harm, or nothing, when they were tried:
    they are kept, and nowhere suggested; ``no_proposal`` says why there are none. ``history`` is how
    its rule did before, where that is known."""

    id: str
    rule_id: str
    result: Result
    severity: Severity
    effective_severity: Severity
    reasons: tuple[Reason, ...] = ()
    history: RuleHistory | None = None
    blast_radius: BlastRadius = BlastRadius()
    sample: Sample | None = None
    evidence: tuple[Evidence, ...] = ()
    diagnosis: str | None = None
    diagnosis_by: str | None = None
    cites: tuple[str, ...] = ()
    rca: Rca | None = None
    proposals: tuple[Proposal, ...] = ()
    rejected: tuple[Proposal, ...] = ()
    no_proposal: str | None = None
    cause_id: str | None = None
    guidance: Guidance | None = None


class Cause(Frozen):
    """One fault behind one or more findings: where it began, as in `Rca`. ``table`` is what people call the origin,
    ``kind_text`` what the kind means here; ``explanation`` is a model's (``explanation_by``)."""

    id: str
    title: str
    severity: Severity
    finding_ids: tuple[str, ...]
    origin: str | None = None
    table: str | None = None
    kind: OriginKind | None = None
    kind_text: str | None = None
    path: tuple[Hop, ...] = ()
    confidence: float | None = None
    unchecked: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    explanation: str | None = None
    explanation_by: str | None = None


class Notice(Frozen):
    """Something the reader of the report must know that is not a result: a warning, or a part that failed."""

    what: str
    where: str | None = None
    hint: str | None = None
    fatal: bool = False


class RunInfo(Frozen):
    """One invocation of Aegis, and the dbt invocation it looked at. Times are UTC."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    aegis_version: str
    command: str
    depth: Depth
    target_dir: str | None = None
    rules_file: str | None = None
    project: str | None = None
    target: str | None = None
    adapter: str | None = None
    dbt_version: str | None = None
    dbt_invocation_id: str | None = None
    dbt_generated_at: datetime | None = None
    dbt_command: str | None = None
    llm: str | None = None


class Summary(Frozen):
    """Counts of results by status, of findings by effective severity, and whether the run fails.

    ``rules`` is how many rules were asked for: it equals the results of rules and the omitted ones together, which are
    ``disabled``, ``deselected`` or ``deprecated``. ``drafts`` are results too; ``drafts_failed`` did not pass, which
    fails no run. ``checked`` is how many rules and tests gave a verdict on data: a run without any exits with 3.
    """

    results: int
    passed: int
    failed: int
    warned: int
    errors: int
    skipped: int
    findings: int
    causes: int
    by_severity: dict[Severity, int]
    fail_on: str
    exit_code: int
    rules: int = 0
    disabled: int = 0
    deselected: int = 0
    deprecated: int = 0
    drafts: int = 0
    drafts_failed: int = 0
    checked: int | None = None


class Usage(Frozen):
    """What a language model cost, in whole and by the node of the graph that asked. No model was asked: no calls, no
    tokens. Unknown price: ``None``."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    by_node: dict[str, Usage] = Field(default_factory=dict)


class Step(Frozen):
    """One step of the investigation: the node of its graph, the table it was for, when it began after the first one and
    how long it took (seconds), and how many queries it asked."""

    node: str
    table: str | None = None
    started: float
    seconds: float
    queries: int = 0


class Report(Frozen):
    """What one analysis found: every result, the findings, what could not be done, how long it took (seconds), how many
    queries the search for causes asked, and in which steps. ``reservations`` make all of it doubtful, so they are read
    first: the artifacts are older than the files, or of another build. ``omitted`` are the rules that were not to
    run. ``lineage`` is what stands around the causes, to be drawn."""

    schema_version: str = SCHEMA_VERSION
    run: RunInfo
    summary: Summary
    reservations: tuple[Notice, ...] = ()
    causes: tuple[Cause, ...] = ()
    findings: tuple[Finding, ...] = ()
    results: tuple[Result, ...] = ()
    omitted: tuple[Omission, ...] = ()
    errors: tuple[Notice, ...] = ()
    usage: Usage = Usage()
    timings: dict[str, float] = Field(default_factory=dict)
    queries: int = 0
    trajectory: tuple[Step, ...] = ()
    privacy: Privacy | None = None
    lineage: LineageGraph | None = None
