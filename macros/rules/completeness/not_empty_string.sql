{#- A row fails when the text is NULL, empty or white space only. -#}
{% macro rule_not_empty_string(rule, bound) %}
    {%- set column = bound['column'] -%}
    {{- return({'kind': 'rows', 'error': aegis.not_of_family(rule, column, ['text']), 'expected': 'a text that is not blank',
        'fails': column['sql'] ~ ' is null or ' ~ aegis.is_blank(column['sql'], bound['table']['dialect'])}) -}}
{% endmacro %}

{% test not_empty_string_rule(model, column_name) %}
    {{- aegis.generic_test(model, 'not_empty_string', {'column': column_name}, kwargs) -}}
{% endtest %}
