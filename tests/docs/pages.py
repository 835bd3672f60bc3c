"""A page of the documentation as a script: files with a title are written, console blocks are run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w+)?(?:[ \t]+title=\"([^\"]+)\")?[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"


@dataclass(frozen=True)
class Block:
    """A fenced block. ``title`` is the file that it is."""

    language: str
    title: str | None
    body: str

    @property
    def commands(self) -> Iterator[tuple[str, str]]:
        """Each command of a console block with the output that is shown below it."""
        for part in re.split(r"^\$ ", self.body, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def blocks(text: str) -> list[Block]:
    return [Block(language, title or None, body) for language, title, body in FENCE.findall(text)]


def play(text: str, folder: Path) -> None:
    """Write the files and run the commands of a page, in order.

    Raises:
        AssertionError: A command does not print what the page shows.
    """
    for block in blocks(text):
        if block.title:
            path = folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
        elif block.language == "console":
            for command, shown in block.commands:
                printed = run(command, folder)
                told = f"$ {command}\n{printed}\n--- the page shows:\n{shown}"
                assert pattern(shown).fullmatch(squeezed(printed)), told


def run(command: str, folder: Path) -> str:
    """What a command prints, on a terminal of 100 columns that is none."""
    home = folder.parent / f"{folder.name}-home"
    home.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.prefix, "bin")), os.environ["PATH"])),
        "HOME": str(home),
        "COLUMNS": "100",
        "LINES": "200",
    }
    shell = shutil.which("bash") or "sh"
    done = subprocess.run(
        [shell, "-c", command], cwd=folder, env=environment, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def pattern(shown: str) -> re.Pattern[str]:
    """``…`` stands for anything in its line, and alone in a line for any number of lines."""
    lines = []
    for line in squeezed(shown).splitlines():
        if line == ANYTHING:
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*".join(map(re.escape, line.split(ANYTHING))) + r"\n")
    return re.compile("".join(lines))


def squeezed(text: str) -> str:
    """Without what depends on widths: runs of spaces, blank lines, and spaces at a line's end."""
    lines = (re.sub(r"[ \t]+", " ", line).rstrip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line)
