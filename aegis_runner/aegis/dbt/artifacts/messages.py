"""dbt's messages, fit for a report: what went wrong, without the parts that say where dbt was at the time."""

from __future__ import annotations

import re

_LONGEST = 2_000
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# Lines of which the report has the content elsewhere (node, path), or which name a place on the machine dbt ran on.
_NOISE = re.compile(
    r"""^\s*(?:
        (?:\w+\ )*Error\ in\ \w+(?:\ \w+)?\ .+\(.*\)      # Database Error in model x (models/x.sql)
      | Error\ materializing\ test\ .*                     # dbt 2
      | compiled\ (?:SQL|code)\ at\ .*
      | \(in\ .*\)\.?(?:\ Treating\ as\ failing\ test\.)?
      | -->\ .*
      | \d+:\ .*(?:<unknown>|::|start_thread|clone).*     # a Rust backtrace
      | at\ \S+:\d+(?::\d+)?
      | >\ in\ macro\ .*
      | >\ called\ by\ .*
    )\s*$""",
    re.VERBOSE,
)

# How dbt 2 begins to say what a macro refused.
_RENDERED = re.compile(r"^Failed to render SQL invalid operation: Compilation Error for \S+ from \S*?: ", re.MULTILINE)

# What dbt says when it says nothing: `Error` of dbt 2 is said of failed and of broken tests alike.
_EMPTY = frozenset({"", "error", "fail", "failed", "failure", "warn", "warning", "pass", "ok", "success", "succeeded"})
_GOT = re.compile(r"^\s*Got ([\d,]{1,20}) results?\b")


def clean(message: str | None) -> str | None:
    """The message without colours, control characters, headers and paths; ``None`` where nothing is said."""
    if message is None:
        return None
    # A message of megabytes would cost seconds in the expressions below.
    text = _ANSI.sub("", message[: 4 * _LONGEST])
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    text = _RENDERED.sub("", text)
    kept = [line.rstrip() for line in text.splitlines() if line.strip() and not _NOISE.match(line)]
    indent = min((len(line) - len(line.lstrip()) for line in kept), default=0)
    cleaned = "\n".join(line[indent:] for line in kept).strip()
    if len(cleaned) > _LONGEST:
        cleaned = cleaned[: _LONGEST - 1] + "…"
    return cleaned if cleaned.casefold() not in _EMPTY else None


def is_bare(message: str | None) -> bool:
    """Whether the message gives no reason, such as the lone ``Error`` of dbt 2."""
    return message is None or message[:40].strip().casefold() in _EMPTY


def rows_in(message: str | None) -> int | None:
    """N of ``Got N results, configured to fail if != 0``, which dbt says of a test that ran and failed."""
    match = _GOT.match(message[:80]) if message else None
    digits = match.group(1).replace(",", "") if match else ""
    return int(digits) if digits else None
