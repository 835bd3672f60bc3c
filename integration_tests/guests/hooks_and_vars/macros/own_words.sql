{# Words that a package may have too. None of them may reach into it, nor it into them. #}
{% macro literal(text) %}'{{ text }}, said the shop'{% endmacro %}
{% macro suite(name) %}{{ name }}_suite{% endmacro %}
{% macro quoted(name) %}[{{ name }}]{% endmacro %}
{% macro shown(value) %}shown {{ value }}{% endmacro %}
{% macro dialect() %}high german{% endmacro %}
{% macro scope(x) %}nothing{% endmacro %}
{% macro bind() %}nothing{% endmacro %}
{% macro generic_test() %}nothing{% endmacro %}
{% macro suite_rows() %}nothing{% endmacro %}
{% macro rule_unique() %}nothing{% endmacro %}
{% macro default__dialect() %}nothing{% endmacro %}
{% macro default__is_blank(x) %}nothing{% endmacro %}
{% macro duckdb__dialect() %}nothing{% endmacro %}
{% macro duckdb__outcome() %}nothing{% endmacro %}
{% macro default__relation_facts(x, y, z) %}nothing{% endmacro %}
{% macro duckdb__relation_facts(x, y, z) %}nothing{% endmacro %}
{% macro default__get_limit_subquery_sql(sql, limit) %}{{ sql }}{% if limit is not none %} limit {{ limit }}{% endif %}{% endmacro %}
