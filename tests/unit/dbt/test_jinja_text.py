"""Values as Jinja literals: what Jinja reads back is what was written, and no delimiter survives."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from aegis.dbt.jinja_text import jinja_comment, jinja_literal, json_in_jinja

HOSTILE = (
    "{{ x }}", "{% raw %}", "{% endraw %}", "{# c", "c #}", "-%}", "-}}", "{{{{", "}}}}", "{%%}",
    "it's", 'a "b"', "a\nb", "\r",
    "\0", "\t", "\\", "\\n", "\\u007b", "{% endset %}", "%}{%", "\N{GRINNING FACE}", "\u2028", "{", "}", "",
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.none(), st.integers(-(2**70), 2**70)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=10,
)
DELIMITER = re.compile(r"\{[{%#]|[}%#]\}|-[%}#]")


def evaluated(source: str) -> object:
    return Environment(autoescape=False).compile_expression(source, undefined_to_none=False)()


@given(VALUES)
def test_jinja_reads_back_what_was_written(value: object) -> None:
    assert evaluated(jinja_literal(value)) == value


@given(VALUES)
def test_a_literal_is_one_line_and_holds_no_delimiter_inside_a_string(value: object) -> None:
    text = jinja_literal(value)
    assert "\n" not in text
    for inside in re.findall(r'"(?:[^"\\]|\\.)*"', text):
        assert not DELIMITER.search(inside)


@given(VALUES)
def test_json_in_a_block_is_read_back_as_it_was(value: object) -> None:
    template = "{%- set rules -%}\n[\n" + json_in_jinja(value) + "\n]\n{%- endset -%}{{ rules }}"
    assert json.loads(Environment(autoescape=False).from_string(template).render()) == [value]


@given(st.text())
def test_a_comment_ends_where_it_is_meant_to(text: str) -> None:
    template = "{#- " + jinja_comment(text) + ". -#}after"
    assert Environment(autoescape=False).from_string(template).render() == "after"


@pytest.mark.parametrize("value", [1.5, object(), b"x", {1, 2}])
def test_what_json_lacks_has_no_literal(value: object) -> None:
    with pytest.raises(TypeError, match="has no Jinja literal"):
        jinja_literal(value)
