"""Files and folders into rules, and every problem with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.errors import Problem, RulesError
from aegis.rules import RegexMatch, load_rules, load_text


def refused(text: str) -> list[Problem]:
    with pytest.raises(RulesError) as error:
        load_text(text, file="r.yml")
    return list(error.value.problems)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rule(column: str) -> str:
    return f"table: t\nrules: [not_null: {column}]\n"


def test_a_folder_is_all_its_files_in_order_whatever_their_suffix(tmp_path: Path) -> None:
    for name, column in [("b.yml", "b"), ("a/z.yaml", "z"), ("a/A.YML", "a"), ("c.txt", "no"), (".x/h.yml", "no")]:
        write(tmp_path / name, rule(column))
    book = load_rules(tmp_path)
    assert [found.id for found in book] == ["t_a_not_null", "t_z_not_null", "t_b_not_null"]
    assert [Path(file).name for file in book.files] == ["A.YML", "z.yaml", "b.yml"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yml", rule("a"))
    assert len(load_rules([path, tmp_path, tmp_path / "." / "a.yml"])) == 1


def test_a_rule_knows_its_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yml", "table: t\nrules:\n  - not_null: a\n\n  - unique: a\n")
    assert [found.source for found in load_rules(path)] == [(path.as_posix(), 3), (path.as_posix(), 5)]


def test_ids_are_unique_over_files_and_the_error_names_both_places(tmp_path: Path) -> None:
    first = write(tmp_path / "a.yml", "table: t\nrules:\n  - not_null: {column: a, id: x}\n")
    second = write(tmp_path / "b.yml", "table: t\nrules:\n  - unique: b\n  - unique: {column: a, id: x}\n")
    with pytest.raises(RulesError) as error:
        load_rules(tmp_path)
    assert str(error.value) == (
        f"{second.as_posix()}:4  x\n  this id is used already at {first.as_posix()}:3; ids are unique in a project\n"
        "1 error, 2 rules fine."
    )


def test_one_bad_file_never_hides_another(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", "table: t\nrules: [nt_null: a]\n")
    write(tmp_path / "b.yml", "")
    (tmp_path / "c.yml").write_bytes(b"\xff")
    write(tmp_path / "d.yml", rule("a"))
    with pytest.raises(RulesError) as error:
        load_rules([tmp_path, tmp_path / "nowhere.yml"])
    names = [Path(problem.file).name for problem in error.value.problems]
    assert names == ["nowhere.yml", "a.yml", "b.yml", "c.yml"]
    assert error.value.fine == 1


@pytest.mark.parametrize("make", ["nowhere", "folder", "no_paths"])
def test_nothing_to_read_is_an_error(tmp_path: Path, make: str) -> None:
    paths: list[Path] = {"nowhere": [tmp_path / "x.yml"], "folder": [tmp_path], "no_paths": []}[make]
    with pytest.raises(RulesError):
        load_rules(paths)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.yml", rule("a"))

    def forbidden(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(RulesError, match="cannot be read: Permission denied"):
        load_rules(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"# data\n" * 800_000)
    with pytest.raises(RulesError, match="larger than 5 MB"):
        load_rules(path)


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"\xef\xbb\xbf" + rule("a").replace("\n", "\r\n").encode())
    assert [found.id for found in load_rules(path)] == ["t_a_not_null"]


def test_a_problem_in_a_nested_value_has_the_line_of_that_value() -> None:
    text = "table: t\nrules:\n  - accepted_values:\n      column: a\n      values:\n        - x\n        - null\n"
    [problem] = refused(text)
    assert (problem.line, problem.field) == (7, "accepted_values.values.1")


def test_what_a_terminal_would_obey_is_shown_and_not_sent() -> None:
    text = 'table: t\n"\\e[31mred\\n": 1\nrules:\n  - {"\\e[2J": 1}\n  - not_null: {column: a, "x\\ny": 1, id: "\\e"}\n'
    for problem in refused(text):
        assert str(problem).replace("\n", "").isprintable(), repr(str(problem))


def test_a_default_reaches_the_rules_that_take_it_and_a_rules_own_value_wins() -> None:
    rules = "[not_null: b, row_count: 1, column_exists: c, {unique: d, where: x}]"
    text = f"table: t\nwhere: a > 1\nmax_failed_pct: 5\nrules: {rules}\n"
    book = load_text(text)
    assert [found.where for found in book] == ["a > 1", "a > 1", None, "x"]
    assert [found.max_failed_pct for found in book] == [5, None, None, 5]


def test_a_rule_that_says_what_it_tolerates_takes_none_of_the_defaults() -> None:
    text = "table: t\nmax_failed_pct: 5\nwarn_pct: 1\nrules: [not_null: {column: b, max_failed_rows: 3}]\n"
    [found] = load_text(text)
    assert (found.max_failed_pct, found.warn_pct, found.max_failed_rows) == (None, None, 3)


def test_an_unknown_field_is_an_error_even_when_it_is_null() -> None:
    assert [problem.field for problem in refused("table: t\nrules: [not_null: {column: a, colour: null}]\n")] == [
        "not_null.colour"
    ]


def test_null_is_the_same_as_nothing() -> None:
    [found] = load_text("table: t\nrules: [not_null: {column: a, where: null, severity: ~, owner: ''}]\n")
    assert (found.where, found.severity, found.owner) == (None, "medium", None)


def test_a_column_may_be_named_in_both_sections_of_the_long_form_if_they_agree() -> None:
    [found] = load_text("scope: {table: t, columns: [a]}\nlogic: {type: not_null, column: a}\n")
    assert found.columns_named == ("a",)


def test_two_forms_stand_in_one_file() -> None:
    text = "- table: t\n  rules: [not_null: a]\n- scope: {table: t, columns: [b]}\n  logic: {type: not_null}\n"
    assert [found.id for found in load_text(text)] == ["t_a_not_null", "t_b_not_null"]


def test_sql_is_checked_in_the_dialect_and_the_rule_remembers_it() -> None:
    text = "table: t\nrules: [sql_expression: \"regexp_contains(a, r'^\\\\d')\"]\n"
    [found] = load_text(text, dialect="bigquery")
    assert found.arguments()["expression"] == "REGEXP_CONTAINS(a, '^\\\\d')"


def test_a_function_of_the_users_own_is_allowed_by_name() -> None:
    text = "table: t\nrules: [sql_expression: is_iban(a)]\n"
    assert "not known to be read-only" in refused(text)[0].message
    [found] = load_text(text, allow_functions=["IS_IBAN"])
    assert found.arguments()["expression"] == "is_iban(a)"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("isolation_forest", "zscore_outlier"),
        ("learned_threshold", "mean_between"),
        ("reconcile_row_count", "row_count_between"),
    ],
)
@pytest.mark.parametrize("form", ["table: t\nrules: [{}: {{columns: a}}]", "scope: {{table: t}}\nlogic: {{type: {}}}"])
def test_a_type_of_a_later_version_says_so_and_names_the_nearest(name: str, near: str, form: str) -> None:
    assert [problem.message for problem in refused(form.format(name))] == [
        f"{name} is not implemented yet in this version; the nearest that it has is {near}, or custom_sql"
    ]


KEYS = ("table", "rules", "not_null", "between", "column", "scope", "logic", "type", "metadata", "id", "spec", "where")
YAMLISH = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["t", "not_null", "1.5"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(YAMLISH)
def test_no_document_crashes_the_loader(document: object) -> None:
    import json

    try:
        book = load_text(json.dumps(document, ensure_ascii=True))
    except RulesError as error:
        assert error.problems
    else:
        assert len(book) > 0


@pytest.mark.parametrize(
    ("written", "number"), [("1E2", "100"), ("1e5", "100000"), ("1.0e3", "1000"), ("0x1F", "31"), ("0o17", "15")]
)
@pytest.mark.parametrize(
    "rule", ["accepted_values: {{column: v, values: [2X7, {}]}}", "between: {{column: v, max_value: {}}}"]
)
def test_what_may_be_a_code_or_a_number_is_refused_where_both_may_stand(rule: str, written: str, number: str) -> None:
    with pytest.raises(RulesError) as caught:
        load_text(f"table: t\nrules:\n  - {rule.format(written)}")
    [problem] = caught.value.problems
    assert problem.line == 3
    assert f"{number} for the number, '{written}' in quotes for the text" in problem.message


@pytest.mark.parametrize("text", [".5", "1.", "+1", "1E2", "0x1F", "-0", ".inf", "1:30", "yes", "2024-01-01", "1.50"])
def test_text_is_what_was_written(text: str) -> None:
    [rule] = load_text(f"table: {text}\nrules: [regex_match: {{column: {text}, pattern: {text}, owner: {text}}}]")
    assert isinstance(rule, RegexMatch)
    assert (rule.table, rule.column, rule.pattern, rule.owner) == (text,) * 4


@pytest.mark.parametrize(("text", "number"), [("1e2", 100), ("0x1F", 31), ("+7", 7), ("5.", 5)])
def test_where_only_a_number_may_stand_its_spelling_is_free(text: str, number: int) -> None:
    [rule] = load_text(f"table: t\nrules: [row_count: {text}]")
    assert rule.arguments()["threshold"] == number
