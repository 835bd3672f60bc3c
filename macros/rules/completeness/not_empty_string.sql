{#- A row fails when the text is NULL, empty or white space only. -#}
{% macro rule_not_empty_string(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {{- return({'kind': 'rows', 'error': aegis.no_text(rule, column, dialect), 'expected': 'a text that is not blank',
        'fails': column['sql'] ~ ' is null or ' ~ aegis.is_blank(aegis.readable_text(column, dialect), dialect)}) -}}
{% endmacro %}

{% test not_empty_string_rule(model, column_name) %}
    {{- aegis.generic_test(model, 'not_empty_string', {'column': column_name}, kwargs) -}}
{% endtest %}
