"""A run's calls of a language model again: looked at as they were, checked anew, and put into a script that plays them.

Nothing is asked: no model and no warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from aegis.audit.models import StoredDecision
from aegis.domain.base import Frozen

if TYPE_CHECKING:
    from aegis.audit import AuditTrail
    from aegis.llm import Reply, Script, When

NOT_RECORDED = "the recorded run has no such question"

# Why there is no usable answer, as `aegis.llm` words it: what must go wrong again. What is not in this list is played
# as a refusal, which ends a question at once and says why.
_CUT = "the answer was cut short"
_NO_FORM = "the answer does not have the form"


class Replayed(Frozen):
    """A recorded decision, and whether its answer still has the form that this version of Aegis asks for: ``fits`` is
    ``None`` where there is no answer or no form is known for the node; ``problem`` says what does not fit."""

    decision: StoredDecision
    fits: bool | None
    problem: str | None = None


def forms() -> Mapping[str, type[BaseModel]]:
    """What the nodes of the investigation ask for."""
    from aegis.investigate.explain.forms import Diagnosis, Remedy

    return {"diagnose": Diagnosis, "remediate": Remedy}


def replay(trail: AuditTrail, run: str, *, node: str | None = None, rule: str | None = None) -> tuple[Replayed, ...]:
    """The decisions of a run in the order in which they ended, each answer checked again.

    Raises:
        UsageError: No run, or more than one, is meant.
        AuditError: The trail cannot be read.
    """
    wanted = [one for one in trail.decisions(run) if node in (None, one.node) and (rule is None or one.rule_id == rule)]
    return tuple(checked(one) for one in wanted)


def checked(decision: StoredDecision) -> Replayed:
    """The decision, with what today's form says of its answer."""
    from aegis.llm.repair import Invalid, read

    known = forms()
    if decision.response is None or decision.node not in known:
        return Replayed(decision=decision, fits=None)
    try:
        read(known[decision.node], decision.response)
    except Invalid as error:
        return Replayed(decision=decision, fits=False, problem="; ".join(error.problems))
    return Replayed(decision=decision, fits=True)


def script_of(decisions: Sequence[StoredDecision]) -> Script:
    """What plays the decisions again, whatever the order in which they are asked.

    Each answer is for the requests that hold its prompt, and its system prompt where the prompt alone does not tell.
    A question that was answered is answered, without the failures before; one that never was is declined, as is one
    that is not in the run.
    """
    from aegis.llm import Fault, Reply, Script, When

    by_question: dict[tuple[str, str], list[StoredDecision]] = {}
    for one in decisions:
        by_question.setdefault((one.prompt, one.system_prompt or ""), []).append(one)
    prompts = [prompt for prompt, _ in by_question]
    replies: list[Reply] = []
    # A question with a longer prompt may hold a shorter one, as one that is asked again after a mistake does: the
    # reply for the longer one must be tried first.
    for (prompt, system), asked in sorted(by_question.items(), key=_longest_first):
        pattern = re.escape(system) if prompts.count(prompt) > 1 else None
        replies += _replies(asked, When(prompt=prompt, pattern=pattern))
    return Script(replies=(*replies, Reply(text=NOT_RECORDED, fault=Fault.REFUSAL, when=When())))


def _longest_first(item: tuple[tuple[str, str], object]) -> tuple[int, int]:
    (prompt, system), _ = item
    return -len(prompt), -len(system)


def _replies(asked: Sequence[StoredDecision], when: When) -> list[Reply]:
    """What one question got: each answer once, the last as often as it is asked for."""
    said = [one for one in asked if one.response is not None] or list(asked[-1:])
    replies = [_reply(one, when) for one in said]
    return [*(one.model_copy(update={"times": 1}) for one in replies[:-1]), replies[-1]]


def _reply(decision: StoredDecision, when: When) -> Reply:
    from aegis.llm import Fault, Reply

    fields: dict[str, object] = {
        "text": decision.response or decision.error or "",
        "input_tokens": decision.input_tokens,
        "output_tokens": decision.output_tokens,
        "when": when,
    }
    why = decision.error
    if why is not None and why.startswith(_CUT):
        # Of the text of such a reply the first half is said.
        fields |= {"text": (decision.response or "") * 2, "fault": Fault.MAX_TOKENS}
    elif why is not None and not (why.startswith(_NO_FORM) and decision.response is not None):
        fields["fault"] = Fault.REFUSAL
    return Reply.model_validate(fields)


def script_text(script: Script) -> str:
    """The script as JSON that is YAML too, whatever signs are in it."""
    from aegis.audit.files import json_text

    return json_text(script.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True), indent=1)


def write_script(decisions: Sequence[StoredDecision], path: Path, *, force: bool) -> int:
    """Write the script of the decisions, for its owner only; how many replies it has for them.

    Raises:
        UsageError: A file is there and ``force`` is off, or it cannot be written.
    """
    from aegis.audit.files import write_private

    script = script_of(decisions)
    write_private(path, (script_text(script),), force=force)
    return len(script.replies) - 1
