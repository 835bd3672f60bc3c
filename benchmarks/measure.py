"""CPU, wall and memory of a command with everything it starts, as the operating system accounts for it."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of CPU (user and system, children included) and wall, mebibytes of the largest process, exit code."""

    cpu: float
    wall: float
    memory: float
    exit_code: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of several runs, and the spread of CPU."""

    cpu: float
    wall: float
    memory: float
    lowest: float
    highest: float


class BenchmarkError(Exception):
    """A contender did not do its work; its figures would be worth nothing."""


def measure(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], accepted: tuple[int, ...], log: Path
) -> Run:
    """Run a command once; its output goes to ``log``.

    Raises:
        BenchmarkError: Its exit code is not one that means the work was done.
    """
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT)  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise BenchmarkError(f"{' '.join(command)}\nended with {process.returncode}:\n{tail}")
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, process.returncode)


def figures(runs: Sequence[Run]) -> Figures:
    """Medians: one slow run on a busy machine does not move them."""
    cpus = [run.cpu for run in runs]
    return Figures(
        cpu=statistics.median(cpus),
        wall=statistics.median(run.wall for run in runs),
        memory=statistics.median(run.memory for run in runs),
        lowest=min(cpus),
        highest=max(cpus),
    )


def own_cpu() -> float:
    """CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
