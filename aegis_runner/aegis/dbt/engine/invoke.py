"""dbt as a subprocess: its output is read as events, never shown as it comes.

``--log-format json`` gives one event a line on dbt 1 and dbt 2 alike. Progress is told to a callback; what went
wrong is kept for the error message.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aegis.dbt.engine.executable import Dbt
from aegis.dbt.engine.launch import ANSI, command_line, killed_after, launch, stop

_NODE_DONE = frozenset(
    {
        "LogTestResult",
        "LogModelResult",
        "LogSeedResult",
        "LogSnapshotResult",
        "LogFreshnessResult",
        "NodeFinished",
        "LogNodeResult",
        "LogNodeNoOpResult",
    }
)
_KEPT = 40
_LAST_WORDS = 300
# dbt 2 follows an error with its stack.
_FRAME = re.compile(r"\d+: (<unknown>|\w+)$|at \./")


@dataclass(frozen=True, slots=True)
class Progress:
    """A node that dbt has finished: its unique id, dbt's word for how, and seconds."""

    unique_id: str
    status: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Invocation:
    """How one dbt command ended: its exit code and its error messages."""

    command: tuple[str, ...]
    exit_code: int
    errors: tuple[str, ...] = field(default=())

    @property
    def last_words(self) -> str:
        """Its last error messages on one line, as much as a sentence holds."""
        return " ".join(" ".join(self.errors[-2:]).split())[:_LAST_WORDS] or "it said nothing"

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        if self.exit_code >= 0:
            return f"exit code {self.exit_code}"
        known = {one.value: one.name for one in signal.Signals}
        return f"ended by {known.get(-self.exit_code, f'signal {-self.exit_code}')}"


def invoke(
    dbt: Dbt,
    arguments: Sequence[str],
    *,
    project_dir: Path,
    profiles_dir: Path | None,
    target: str | None,
    environment: Mapping[str, str] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    seconds: float | None = None,
    folder: Path | None = None,
) -> Invocation:
    """Run one dbt command to its end. An interrupt is passed on to dbt, which gets to clean up.

    ``environment`` is what dbt sees instead of this process's own; after ``seconds`` it is killed.
    It runs in ``folder``, else in the project's.

    Raises:
        DbtError: dbt cannot be started, or took too long.
        KeyboardInterrupt: The person stopped it; dbt has ended.
    """
    options = ["--log-format", "json", *(["--log-level", "error"] if on_progress is None else [])]
    if dbt.major == 1:
        options += ["--no-use-colors", "--log-level-file", "none"]
    command = [*command_line(dbt, arguments, project_dir, profiles_dir, target), *options]
    process = launch(dbt, command, folder or project_dir, environment, stderr=subprocess.STDOUT)
    errors: deque[str] = deque(maxlen=_KEPT)
    with process, killed_after(seconds, process):
        try:
            for event in _events(process):
                _take(event, errors, on_progress)
        except BaseException:  # whatever it is, it is raised again
            stop(process)
            raise
    return Invocation(command=tuple(command), exit_code=process.returncode, errors=tuple(errors))


def _events(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        text = line.strip()
        if text.startswith("{"):
            try:
                event = json.loads(text)
            except ValueError:
                event = None
            if isinstance(event, dict) and isinstance(event.get("info"), dict):
                yield event
                continue
        if text and not _FRAME.match(text):
            # Not an event: a traceback, a panic, a message of the loader. It is an error message in the making.
            yield {"info": {"level": "error", "msg": text, "name": "Unformatted"}, "data": {}}


def _take(event: dict[str, Any], errors: deque[str], on_progress: Callable[[Progress], None] | None) -> None:
    info = event["info"]
    if info.get("level") == "error" and info.get("msg"):
        lines = ANSI.sub("", str(info["msg"])).splitlines()
        told = "\n".join(line for line in lines if line.strip() and not _FRAME.match(line.strip()))
        # dbt 2 tells some errors twice.
        if told and told not in errors:
            errors.append(told)
    if on_progress is None or info.get("name") not in _NODE_DONE:
        return
    data = event.get("data")
    node = data.get("node_info") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(node, dict) and node.get("unique_id"):
        seconds = data.get("execution_time")
        status = str(data.get("status") or node.get("node_status"))
        on_progress(
            Progress(str(node["unique_id"]), status, float(seconds) if isinstance(seconds, int | float) else None)
        )
