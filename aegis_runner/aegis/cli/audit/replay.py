"""`aegis audit replay`: what was said to a language model in a run, and what it said."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json, Run, call_cells, opened
from aegis.cli.output import sanitize_text, say, say_cells, say_json
from aegis.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aegis.app.replay import Replayed


def replay(
    run: Run = "latest",
    node: Annotated[str | None, typer.Option("--node", help="Calls of this step only, such as diagnose.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Calls about this rule id only.")] = None,
    as_script: Annotated[
        Path | None, typer.Option("--as-script", help="Write the answers as a script that plays them again.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over the script's file if it is there.")] = False,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Read a run's calls of a language model again, in full; nobody is asked, no model and no warehouse.

    Each answer is checked anew against the form that is asked for today. --as-script writes
    the answers for the model server of the test kit: python -m aegis.testing FILE gives the
    same run the same words.
    """
    from aegis.app.replay import replay as replayed
    from aegis.app.replay import write_script

    with opened(audit_db) as trail:
        decisions = replayed(trail, run, node=node, rule=rule)
    if as_script is not None:
        written = write_script([one.decision for one in decisions], as_script, force=force)
        say_cells(f"{plural(written, 'answer')} of {plural(len(decisions), 'call')} written to {as_script}")
    elif json_:
        say_json([one.model_dump(mode="json") for one in decisions])
    else:
        _say(decisions)


def _say(decisions: Sequence[Replayed]) -> None:
    for number, one in enumerate(decisions, start=1):
        call = one.decision
        say_cells(f"{number} of {len(decisions)}", call.node, f"{call.recorded_at:%Y-%m-%d %H:%M:%S}")
        say_cells("  " + call_cells(call)[0].strip(), *call_cells(call)[1:])
        for title, text in (("system", call.system_prompt), ("prompt", call.prompt), ("response", call.response)):
            say(f"  {title}:" if text is not None else f"  {title}: none")
            if text is not None:
                say(indent(sanitize_text(text), "    "))
        say_cells("  " + _checked(one))
        say("")
    if not decisions:
        say("no call of a language model fits")
        return
    fine, wrong = (sum(one.fits is fits for one in decisions) for fits in (True, False))
    say(f"{plural(len(decisions), 'call')}: {plural(fine, 'answer')} with the form of today, {wrong} without it")


def _checked(one: Replayed) -> str:
    if one.fits is None:
        return "checked: there is nothing to check"
    return "checked: it has the form of today" if one.fits else f"checked: not the form of today: {one.problem}"
