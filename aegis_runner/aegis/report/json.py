"""The report as JSON, its schema, and the way back.

One canonical form: fields in the order of the models, two spaces, UTF-8, a final line break. It is safe to print:
control and other characters that are not printable are escaped, and no log command survives. JSON has no NaN and
no infinity (RFC 8259, section 6); they are written as the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue, ValidationError

from aegis.domain.report import SCHEMA_VERSION, Report
from aegis.errors import ArtifactError
from aegis.report.options import Options

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_DEFAULT = Options()
# Unicode's control, format, line separator and private use characters and noncharacters, and what a terminal might
# act on.
_LAST_OF_PLANES = "".join(chr(0x10000 * plane + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_UNSAFE = re.compile(
    "[\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f"
    "\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    f"{_LAST_OF_PLANES}]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_HASHES = re.compile(r"##(?=\w*\[)")
_VERSION = re.compile(r"(\d+)\.(\d+)")


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as canonical JSON; `load_report` reads it back as an equal report."""
    text = json.dumps(_plain(report.model_dump()), ensure_ascii=False, indent=2, allow_nan=False)
    text = _SURROGATE.sub("\ufffd", text)
    text = _UNSAFE.sub(_escaped, text)
    return _HASHES.sub(r"#\\u0023", text) + "\n"


def _plain(value: object) -> JsonValue:
    """``value`` as JSON has it: strings for enumerations and times, lists for tuples, names for NaN."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return _time(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    raise TypeError(f"a report cannot hold a {type(value).__name__}")


def _number(value: float) -> JsonValue:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    # dbt 2 writes an elapsed time of -0.0.
    return value or 0.0


def _time(value: datetime) -> str:
    """RFC 3339 with a Z; a time without a zone is UTC, as everywhere in a report."""
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1]


def schema() -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of the report that this version writes."""
    body = Report.model_json_schema(mode="serialization")
    body["properties"]["schema_version"] = {
        "const": SCHEMA_VERSION,
        "title": "Schema Version",
        "type": "string",
        "description": "Semantic: a higher minor number adds fields, a higher major number changes or removes some.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Aegis report {SCHEMA_VERSION}",
        **{name: part for name, part in body.items() if name != "title"},
    }


def load_report(text: str | bytes, *, where: str | None = None) -> Report:
    """The report that ``text`` holds, as `render` wrote it.

    A report of the same major schema version is read: an older one as it is, a newer one without the fields that
    this version does not know.

    Args:
        text: The content of a saved report.
        where: The file's name, for the message.

    Raises:
        ArtifactError: ``text`` is not JSON, is no report, or is one of another major version.
    """
    data = _parsed(text, where)
    newer = _is_newer(data, where)
    try:
        return Report.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        unknown = [problem["loc"] for problem in problems if problem["type"] == "extra_forbidden"]
        if not newer or len(unknown) != len(problems):
            raise _broken(problems, where) from None
    for place in unknown:
        _drop(data, place)
    return Report.model_validate(data)


def _parsed(text: str | bytes, where: str | None) -> dict[str, JsonValue]:
    hint = "Give it a file that aegis wrote with --output-json or --json."
    try:
        content = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "cannot be read"
        what = "an empty file, not a report" if not text.strip() else f"this is not JSON ({reason})"
        raise ArtifactError(what, where=where, hint=hint) from None
    if not isinstance(data, dict) or "schema_version" not in data or "run" not in data:
        what = "this is JSON, but not an Aegis report"
        if isinstance(data, dict) and "metadata" in data and "dbt_schema_version" in str(data["metadata"]):
            hint = "It is one of dbt's artifacts: `aegis analyze` reads the folder it is in."
        raise ArtifactError(what, where=where, hint=hint)
    return data


def _is_newer(data: dict[str, JsonValue], where: str | None) -> bool:
    """Whether a later minor version wrote it; raises if it was another major one."""
    version = data["schema_version"]
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None:
        raise ArtifactError(f"its schema_version is not a version: {version!r:.40}", where=where)
    major, minor = int(match[1]), int(match[2])
    own_major, own_minor = (int(part) for part in SCHEMA_VERSION.split("."))
    if major != own_major:
        raise ArtifactError(
            f"this report has schema version {version}; this version of aegis reads {own_major}.x",
            where=where,
            hint="Use the version of aegis that wrote it, or run the analysis again.",
        )
    return minor > own_minor


def _broken(problems: list[ErrorDetails], where: str | None) -> ArtifactError:
    shown = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems[:3]]
    more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
    return ArtifactError(
        f"this report does not fit its schema: {'; '.join(shown)}{more}",
        where=where,
        hint="It was changed or cut short after it was written; run the analysis again.",
    )


def _drop(data: dict[str, JsonValue], place: tuple[int | str, ...]) -> None:
    *steps, last = place
    inner: Any = data
    for step in steps:
        inner = inner[step]
    del inner[last]
