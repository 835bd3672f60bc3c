"""A fix and its undo, pasted from each format: they do what the report says, or they are no SQL and say so."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aegis.domain.privacy import MASK
from aegis.domain.report import Report
from aegis.report import Options, render
from aegis.report.json import load_report
from integration_tests.command import aegis, make_database
from integration_tests.pasting import from_json, from_markdown, from_terminal, statements

#: Literals that a rule has are none of the table's; some have several words, a quote, a date or the form of an address.
RULES = """\
table: orders
severity: high
rules:
  - accepted_values:
      column: status
      values: [gone away, "it's done", done]
      where: "channel <> 'not used at all' and contact not like '%@example.org'"
---
table: tickets
severity: high
rules:
  - accepted_values: {column: status, values: [gone away, in progress, done]}
---
table: visits
severity: high
rules:
  - sql_expression:
      expression: "what <> 'gone away' and at between timestamp '2024-01-01 00:00:00' and '2024-12-31 23:59:59'"
      id: in_time
  - regex_match: {column: who, pattern: "^[a-z.]+@example[.]org$"}
"""
TABLES = (
    "create table orders as select i as id, case when i % 20 = 0 then 'done ' when i % 3 = 0 then 'gone away' "
    "else 'it''s done' end as status, 'web' as channel, 'a@b.io' as contact from range(60) as t(i)",
    "create table tickets as select i as id, case when i % 20 = 0 then 'Gone  Away' when i % 20 = 1 then 'in progres' "
    "else 'done' end as status from range(60) as t(i)",
    "create table visits as select i as id, timestamp '2024-06-01' + interval (i * 10) day as at, 'gone away' as what, "
    "'jane' || i || '@example.org' as who from range(40) as t(i)",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """A report in strict mode, and the database that it is about."""
    folder = tmp_path_factory.mktemp("pasted")
    (folder / "rules.yml").write_text(RULES, encoding="utf-8")
    database = make_database(folder / "shop.duckdb", *TABLES)
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=folder)
    assert done.code == 1, done.said
    return load_report(done.out), database


def shown(report: Report, rule: str) -> dict[str, list[str]]:
    """By format: the failing rows, the fix and its undo of a finding, as they are printed."""
    finding = next(one for one in report.findings if rule in one.rule_id)
    alone = report.model_copy(update={"findings": (finding.model_copy(update={"cause_id": None}),), "causes": ()})
    found = {"json": list(from_json(render(alone, "json"))), "markdown": from_markdown(render(alone, "markdown"))}
    for width in (60, 100, 160):
        parts = list(from_terminal(render(alone, "terminal", Options(width=width, verbose=True))))
        texts = [text for label, text in parts if label == "select"]
        texts += [text[text.index("UPDATE") :] for label, text in parts if label == "fix" and "UPDATE" in text]
        found[f"terminal {width}"] = texts + [text for label, text in parts if label == "undo"]
    return found


def ask(database: Path, *texts: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database)) as connection:
        for text in texts[:-1]:
            connection.execute(text)
        return sorted(connection.execute(texts[-1]).fetchall())


@pytest.mark.parametrize("rule", ["orders_status", "tickets_status", "in_time", "visits_who"])
def test_failing_rows_are_as_many_as_the_report_says(told: tuple[Report, Path], rule: str) -> None:
    report, database = told
    result = next(one for one in report.results if rule in one.rule_id)
    for place, texts in shown(report, rule).items():
        assert len(ask(database, texts[0])) == result.rows_failed, (place, texts[0])


def test_a_fix_of_the_rule_s_own_words_does_what_it_says_and_its_undo_takes_it_back(
    told: tuple[Report, Path], tmp_path: Path
) -> None:
    report, database = told
    for place, (select, fix, undo) in shown(report, "orders_status").items():
        # The database's name stands in the statements.
        copy = tmp_path / "shop.duckdb"
        shutil.copy(database, copy)
        before = ask(copy, "select * from orders")
        keep, restore = undo.split("-- To take it back:")
        assert ask(copy, keep, fix, select) == [], place
        assert ask(copy, "select * from orders") != before
        assert ask(copy, *statements(restore), "select * from orders") == before, place
        copy.unlink()


def test_a_fix_in_which_data_is_masked_is_no_sql_and_says_how_to_see_it(told: tuple[Report, Path]) -> None:
    report, database = told
    [proposal] = next(one for one in report.findings if "tickets_status" in one.rule_id).proposals
    assert proposal.sql.startswith(f"{MASK} no SQL to run") and "--privacy samples" in proposal.sql
    alone = report.model_copy(update={"results": ()})
    for style in ("terminal", "markdown"):
        text = render(alone, style, Options(verbose=True))
        assert "no SQL to run" in text and "Gone  Away" not in text
    with duckdb.connect(str(database), read_only=True) as connection:
        for line in [proposal.sql, *proposal.sql.splitlines(), *statements(proposal.sql)]:
            with pytest.raises(duckdb.Error):
                connection.execute(line)


def test_samples_shows_it_whole(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    make_database(tmp_path / "shop.duckdb", *TABLES)
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", "--privacy", "samples", cwd=tmp_path)
    report = load_report(done.out)
    [proposal] = next(one for one in report.findings if "tickets_status" in one.rule_id).proposals
    assert "'Gone  Away'" in proposal.sql and MASK not in proposal.sql
