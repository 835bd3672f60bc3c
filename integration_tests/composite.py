"""A composite action as GitHub's runner runs it: each step with bash, with the environment that it says, and no other.

Only the expressions that a plain composite action needs are known; another one fails the test.
Source: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_NAME = re.compile(r"(inputs|github|steps)((?:\.[A-Za-z0-9_-]+)+)")
_SAME = re.compile(r"(\S+) == '([^']*)'")


@dataclass(frozen=True)
class Step:
    """A step that has run."""

    name: str
    code: int
    out: str


@dataclass
class Runner:
    """Runs an action.

    Args:
        action: The parsed file.
        github: The ``github`` context.
        environment: What the steps see beside what they say themselves.
        workspace: Where they begin.
        temp: The runner's temporary folder.
    """

    action: Mapping[str, Any]
    github: Mapping[str, str]
    environment: Mapping[str, str]
    workspace: Path
    temp: Path
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self, **given: str) -> tuple[list[Step], dict[str, str]]:
        """The steps up to the first that failed, and the action's outputs. Names of inputs with underscores."""
        known = self.action["inputs"]
        inputs = {name: self.value(str(one.get("default", "")), {}) for name, one in known.items()}
        for name, value in given.items():
            assert name.replace("_", "-") in known, name
            inputs[name.replace("_", "-")] = value
        done = []
        for number, step in enumerate(self.action["runs"]["steps"]):
            if "if" in step and not self.holds(step["if"], inputs):
                continue
            done.append(self._step(step, inputs, number))
            if done[-1].code:
                break
        return done, {name: self.value(one["value"], inputs) for name, one in self.action["outputs"].items()}

    def _step(self, step: Mapping[str, Any], inputs: Mapping[str, str], number: int) -> Step:
        script = self.temp / f"step-{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        output = self.temp / f"output-{number}"
        output.write_text("", encoding="utf-8")
        own = {name: self.value(value, inputs) for name, value in step.get("env", {}).items()}
        environment = {**self.environment, "GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(self.temp), **own}
        assert step["shell"] == "bash"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace / self.value(step.get("working-directory", "."), inputs),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if "id" in step:
            self.outputs[step["id"]] = read_outputs(output.read_text(encoding="utf-8"))
        return Step(step["name"], done.returncode, done.stdout)

    def value(self, text: str, inputs: Mapping[str, str]) -> str:
        return EXPRESSION.sub(lambda found: self._named(found[1], inputs), text)

    def holds(self, condition: str, inputs: Mapping[str, str]) -> bool:
        found = _SAME.fullmatch(condition)
        assert found is not None, f"unknown condition: {condition}"
        return self._named(found[1], inputs) == found[2]

    def _named(self, name: str, inputs: Mapping[str, str]) -> str:
        found = _NAME.fullmatch(name)
        assert found is not None, f"unknown expression: {name}"
        path = found[2].lstrip(".").split(".")
        if found[1] == "steps":
            step, kind, output = path
            assert kind == "outputs"
            return self.outputs.get(step, {}).get(output, "")
        (key,) = path
        return (inputs if found[1] == "inputs" else self.github)[key]


def read_outputs(text: str) -> dict[str, str]:
    """GITHUB_OUTPUT: ``name=value``, or ``name<<END``, lines, ``END``."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if re.match(r"[^=]+<<", line):
            name, _, end = line.partition("<<")
            value = []
            while (inner := next(lines)) != end:
                value.append(inner)
            found[name] = "\n".join(value)
        elif line:
            name, _, value_ = line.partition("=")
            found[name] = value_
    return found


def load_action(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))
