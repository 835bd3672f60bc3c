"""`dbt show`: one query through the user's profile, rows as JSON."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aegis.dbt.engine.executable import Dbt
from aegis.dbt.engine.launch import ANSI, command_line, launch
from aegis.errors import DbtError, WarehouseError

_PATIENCE = 120.0
"""Seconds: dbt 1 parses a large project before it asks."""
_HEAD = re.compile(r"^(\d\d:\d\d:\d\d\s*)?(Encountered an error:)?\s*")
_NO_ADAPTER = re.compile(r"Could not find adapter type (\w+)")
# Banners and time stamps of dbt 1, headings and stack frames of dbt 2.
_NOISE = re.compile(r"=|dbt-fusion|Loading|Finished '|\d+: (<unknown>|\w+)$|at \./|See the storage page")


def show(
    dbt: Dbt,
    inline: str,
    limit: int,
    *,
    project_dir: Path,
    profiles_dir: Path | None,
    target: str | None,
    target_path: Path,
    environment: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The rows of an inline query, which dbt renders (Jinja!) and runs. ``target_path`` is a scratch folder, so that
    the artifacts of the last build stay as they are.

    Raises:
        WarehouseError: dbt or the warehouse refused it; the message is theirs.
        DbtError: dbt did not answer.
    """
    arguments = ["show", "--quiet", "--inline", inline, "--output", "json", "--limit", str(limit)]
    command = command_line(dbt, [*arguments, "--target-path", str(target_path)], project_dir, profiles_dir, target)
    # Several threads ask, and Ctrl-C reaches one of them only: the terminal tells each dbt.
    with launch(dbt, command, project_dir, environment, stderr=subprocess.PIPE, own_group=False) as process:
        try:
            output, errors = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise WarehouseError(f"did not answer `dbt show` within {_PATIENCE:.0f} s") from error
        except BaseException:  # whatever it is, it is raised again
            process.kill()
            raise
    if process.returncode != 0:
        message = _message(f"{output}\n{errors}")
        adapter = _NO_ADAPTER.search(message)
        raise WarehouseError(message, hint=f"pip install dbt-{adapter[1]}" if adapter else None)
    return _rows(output)


def _rows(output: str) -> list[dict[str, Any]]:
    start = min((index for index in (output.find("{"), output.find("[")) if index >= 0), default=-1)
    try:
        given = json.loads(output[start:], parse_constant=str) if start >= 0 else None
    except ValueError as error:
        raise DbtError(f"dbt show gave something that is not JSON: {output[:200]}") from error
    rows = given.get("show") if isinstance(given, dict) else given
    if not isinstance(rows, list):
        raise DbtError(f"dbt show gave no rows: {output[:200]}")
    return rows


def _message(output: str) -> str:
    """The lines that tell, without dbt's time stamps and banners."""
    lines = [line.strip() for line in ANSI.sub("", output).splitlines()]
    kept = [told for line in lines if (told := _HEAD.sub("", line)) and not _NOISE.match(told)]
    return "\n".join(kept[-12:]) or "dbt show failed without a message"
