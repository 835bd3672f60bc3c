"""The options of every command that analyzes, declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any, get_type_hints

from aegis.cli import notifying as n
from aegis.cli import options as o
from aegis.cli import posting as p

if TYPE_CHECKING:
    from aegis.analysis.options import AnalyzeOptions
    from aegis.app.post import PostOptions
    from aegis.cli.output import Progress
    from aegis.domain.report import Report


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What `aegis run` and `aegis analyze` have in common, in the order in which help shows it."""

    depth: o.Depth = "causes"
    fail_on: o.FailOn = "high"
    privacy: o.Privacy = "strict"
    state: o.State = None
    max_queries: o.MaxQueries = None
    max_seconds: o.MaxSeconds = None
    max_rows: o.MaxRows = None
    no_proposals: o.NoProposals = False
    no_builds: o.NoBuilds = False
    llm: o.Llm = None
    llm_model: o.LlmModel = None
    llm_url: o.LlmUrl = None
    no_llm: o.NoLlm = False
    require_llm: o.RequireLlm = False
    max_usd: o.MaxUsd = None
    no_cache: o.NoCache = False
    json: o.Json = False
    output_json: o.OutputJson = None
    output_markdown: o.OutputMarkdown = None
    output: o.Outputs = None
    path_prefix: o.PathPrefix = ""
    verbose: o.Verbose = False
    quiet: o.Quiet = False
    no_color: o.NoColor = False
    project_dir: o.ProjectDir = None
    profiles_dir: o.ProfilesDir = None
    target: o.Target = None
    dbt: o.DbtPath = None
    wait: o.Wait = 0.0
    warehouse: o.Warehouse = None
    audit_db: o.AuditDb = None
    no_audit: o.NoAudit = False
    history: o.History = "audit"
    github: p.GitHub = False
    gitlab: p.GitLab = False
    comment_name: p.CommentName = "report"
    always_comment: p.AlwaysComment = False
    pull_request: p.PullRequest = None
    head_sha: p.HeadSha = None
    notify: n.Notify = None
    notify_on: n.When = "failures"
    notify_severity: n.Least = "info"
    quiet_for: n.QuietFor = None

    def options(self, progress: Progress, *, offline: bool = False) -> AnalyzeOptions:
        """As the analysis takes them; what it asks is shown as ``progress``."""
        from aegis.analysis.options import AnalyzeOptions

        self._posting()  # what is wrong with them is said before anything is analyzed
        self._notifying.check()
        llm = (self.llm, self.llm_model, self.llm_url, self.no_llm, self.max_usd, self.no_cache)
        place = (self.project_dir, self.profiles_dir, self.target, self.dbt, self.wait, self.warehouse)
        return AnalyzeOptions(
            connection=o.connection(*place),
            depth=self.depth,
            fail_on=self.fail_on,
            privacy=self.privacy,
            audit_db=self.audit_db,
            audit=not self.no_audit,
            history=self.history,
            state=self.state,
            max_queries=self.max_queries,
            max_seconds=self.max_seconds,
            max_rows=self.max_rows,
            propose=not self.no_proposals,
            build=not self.no_builds,
            llm=o.language_model(*llm),
            require_llm=self.require_llm,
            offline=offline,
            on_query=progress.asks if progress.shown else None,
        )

    def progress(self) -> Progress:
        """The line that says what is going on, in a terminal that wants one."""
        from aegis.cli.output import Progress

        return Progress(self.quiet or self.json)

    def emit(self, report: Report) -> None:
        """Print the report, write it where it is wanted, post it, and tell those who want to hear of it. A file that
        cannot be written costs neither the comment nor a message."""
        from aegis.cli.choices import OutputFile
        from aegis.cli.output import emit

        named = (("json", self.output_json), ("markdown", self.output_markdown))
        files = [OutputFile(name, path) for name, path in named if path is not None]
        try:
            emit(
                report, json=self.json, verbose=self.verbose, quiet=self.quiet, no_color=self.no_color,
                files=[*files, *(self.output or ())], recorded=not self.no_audit, path_prefix=self.path_prefix,
            )  # fmt: skip
        finally:
            posting = self._posting()
            if posting is not None:
                p.post(report, posting, quiet=self.quiet, plain=not self.json, report_path=self.output_json)
            self._notifying.send(report)

    def _posting(self) -> PostOptions | None:
        return p.post_options(
            self.github, self.gitlab, self.comment_name, self.always_comment, self.pull_request, self.head_sha,
            path_prefix=self.path_prefix,
        )  # fmt: skip

    @property
    def _notifying(self) -> n.Notifying:
        when = (self.notify, self.notify_on, self.notify_severity, self.quiet_for)
        return n.Notifying(*when, self.audit_db, self.no_audit)


def with_analysis(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of `Analysis` after its own; it gets them as ``analysis``. Typer reads a command's
    options from its signature."""
    own = [one for name, one in inspect.signature(command).parameters.items() if name != "analysis"]
    hints = get_type_hints(command, include_extras=True)
    shared = get_type_hints(Analysis, include_extras=True)

    @wraps(command)
    def called(**given: Any) -> None:
        analysis = Analysis(**{one.name: given.pop(one.name) for one in fields(Analysis)})
        command(**given, analysis=analysis)

    added = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=shared[one.name])
        for one in fields(Analysis)
    ]
    first = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[one.name]) for one in own]
    called.__signature__ = inspect.Signature([*first, *added])  # type: ignore[attr-defined]  # read by inspect
    called.__annotations__ = {one.name: one.annotation for one in (*first, *added)}
    return called
