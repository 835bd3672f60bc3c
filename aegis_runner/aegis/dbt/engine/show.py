"""`dbt show`: one query through the user's profile, rows as JSON."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aegis.dbt.engine.executable import Dbt
from aegis.errors import DbtError, WarehouseError

_PATIENCE = 120.0
"""Seconds: dbt 1 parses a large project before it asks."""
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
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
    command = [str(dbt.path), "show", "--quiet", "--inline", inline, "--output", "json", "--limit", str(limit),
               "--project-dir", str(project_dir), "--target-path", str(target_path)]  # fmt: skip
    if profiles_dir is not None:
        command += ["--profiles-dir", str(profiles_dir)]
    if target is not None:
        command += ["--target", target]
    env = dict(os.environ if environment is None else environment)
    env.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    try:
        done = subprocess.run(
            command,
            cwd=project_dir,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise WarehouseError(f"did not answer `dbt show` within {_PATIENCE:.0f} s") from error
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise WarehouseError("the query is too long for the command line of `dbt show`") from error
        raise DbtError(f"cannot be run: {error.strerror or error}", where=str(dbt.path)) from error
    if done.returncode != 0:
        message = _message(done.stdout + "\n" + done.stderr)
        adapter = _NO_ADAPTER.search(message)
        raise WarehouseError(message, hint=f"pip install dbt-{adapter[1]}" if adapter else None)
    return _rows(done.stdout)


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
    lines = [line.strip() for line in _ANSI.sub("", output).splitlines()]
    kept = [told for line in lines if (told := _HEAD.sub("", line)) and not _NOISE.match(told)]
    return "\n".join(kept[-12:]) or "dbt show failed without a message"
