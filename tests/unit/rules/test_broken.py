"""Rules that are wrong, one by one: which they are, and that they take no other with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.domain.severity import Severity
from aegis.errors import Problem
from aegis.rules import RuleBook, read_rules


def read(tmp_path: Path, *texts: str) -> RuleBook:
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.yml").write_text(text, encoding="utf-8")
    return read_rules(tmp_path, dialect="duckdb")


def ids(book: RuleBook) -> tuple[list[str], list[str]]:
    return [rule.id for rule in book], [broken.id for broken in book.broken]


def test_one_unknown_parameter_among_fifty_four_good_rules_is_one_broken_rule(tmp_path: Path) -> None:
    entry = "- metadata: {{id: {}}}\n  scope: {{table: t, columns: [c{}]}}\n  logic: {{type: {}}}\n"
    good = "".join(entry.format(f"r{number}", number, "not_null") for number in range(54))
    bad = entry.format("bad, severity: high", "", "between, min_valu: 3, min_value: 1")
    book = read(tmp_path, f"rules:\n{good}{bad}")
    assert len(book) == 54
    [broken] = book.broken
    assert (broken.id, broken.type, broken.table, broken.column) == ("bad", "between", "t", "c")
    assert broken.severity is Severity.HIGH
    assert "0.yml:166: logic.min_valu: unknown field 'min_valu'; did you mean 'min_value'?" in broken.message


CASES = {
    "a type": ("- nt_null: a", "0.yml:3"),
    "a value": ("- {between: {column: a, min_value: 2, max_value: 1}, id: x}", "x"),
    "SQL": ("- {not_null: {column: a, where: 'b = = 1'}, id: x}", "x"),
    "no column": ("- {not_null: {}, id: x}", "x"),
    "two types": ("- {not_null: a, unique: b}", "0.yml:3"),
    "a word": ("- words", "0.yml:3"),
    "a key that stands twice": ("- {not_null: a, id: x, id: y}", "x"),
    "a number that is read in two ways": ("- {row_count: 007, id: x}", "x"),
    "a tag": ("- {not_null: !!binary a, id: x}", "x"),
    "an id that is no id": ("- {not_null: a, id: 'a b'}", "a b"),
    "a type that is not there yet": ("- {learned_threshold: a, id: x}", "x"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_with_one_rule_is_no_other_rules_business(tmp_path: Path, case: str) -> None:
    entry, name = CASES[case]
    book = read(tmp_path, f"table: t\nrules:\n{entry}\n- unique: z\n- not_null: y\n")
    fine, broken = ids(book)
    assert fine == ["t_z_unique", "t_y_not_null"]
    assert [Path(one).name for one in broken] == [name]
    assert all("0.yml:3" in line for line in book.broken[0].message.splitlines())


def test_what_is_wrong_above_a_list_is_wrong_for_all_of_it_and_for_no_other_list(tmp_path: Path) -> None:
    book = read(
        tmp_path, "table: t\nwher: a > 1\nrules: [not_null: a, unique: a]\n---\ntable: u\nrules: [not_null: b]\n"
    )
    assert ids(book) == (["u_b_not_null"], ["t_a_not_null", "t_a_unique"])
    assert [problem.line for problem in book.problems] == [2]


def test_a_file_that_breaks_off_leaves_what_was_whole_before(tmp_path: Path) -> None:
    book = read(
        tmp_path,
        "table: t\nrules: [not_null: a]\n---\ntable: u\nrules: [not_null: {\n",
        "",
        "table: t\nrules: [unique: a]",
    )
    fine, broken = ids(book)
    assert fine == ["t_a_not_null", "t_a_unique"]
    assert [Path(one).name.partition(":")[0] for one in broken] == ["0.yml", "1.yml"]
    assert {one.type for one in book.broken} == {"rules_file"}


def test_of_an_id_that_stands_twice_the_first_is_fine(tmp_path: Path) -> None:
    book = read(tmp_path, "table: t\nrules:\n- {not_null: a, id: x}\n- {unique: a, id: x}\n")
    assert ids(book) == (["x"], ["x"])
    assert (next(iter(book)).type, book.broken[0].type) == ("not_null", "unique")


def test_several_things_wrong_with_one_rule_are_one_broken_rule(tmp_path: Path) -> None:
    book = read(tmp_path, "table: t\nrules:\n- {between: {column: a, min_valu: 1, where: '('}, id: x, ownr: me}\n")
    assert ids(book) == ([], ["x"])
    assert len(book.broken[0].problems) >= 2


def test_a_rule_over_several_columns_is_broken_for_each(tmp_path: Path) -> None:
    text = "metadata: {id: x}\nscope: {table: t, columns: [a, b], tabel: u}\nlogic: {type: not_null}\n"
    assert ids(read(tmp_path, text)) == ([], ["x_a", "x_b"])


def test_a_broken_rule_gives_no_other_a_new_id(tmp_path: Path) -> None:
    both = (
        "table: t\nrules:\n- between: {column: a, min_value: 1}\n- between: {column: a, min_value: 5, max_value: %s}\n"
    )
    [(first, _), (again, _)] = [ids(read(tmp_path, both % value)) for value in ("9", "no")]
    assert again == first[:1]


def test_a_book_less_what_problems_name_has_it_among_its_broken_ones(tmp_path: Path) -> None:
    book = read(tmp_path, "table: t\nrules: [not_null: a, unique: a]\n")
    left = book.without([Problem("0.yml", 2, "t_a_unique", "scope.table", "there is no table 't'")])
    assert ids(left) == (["t_a_not_null"], ["t_a_unique"])
    assert left.broken[0].message == "0.yml:2: scope.table: there is no table 't'"
