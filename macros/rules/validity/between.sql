{#- A row fails outside the closed range (the open one, if `strictly`); either end may be left out. -#}
{% macro rule_between(rule, bound) %}
    {%- set low = aegis.given(rule, 'min_value') -%}
    {%- set high = aegis.given(rule, 'max_value') -%}
    {%- set strictly = aegis.given(rule, 'strictly', false) -%}
    {%- set column = bound['column'] -%}
    {%- set outside = [] -%}
    {%- if low is not none -%}
        {%- do outside.append(column['sql'] ~ (' <= ' if strictly else ' < ') ~ aegis.literal(low, column)) -%}
    {%- endif -%}
    {%- if high is not none -%}
        {%- do outside.append(column['sql'] ~ (' >= ' if strictly else ' > ') ~ aegis.literal(high, column)) -%}
    {%- endif -%}
    {{- return({'kind': 'rows', 'error': aegis.cannot_compare(column, [low, high]), 'fails': outside | join(' or '),
        'null_when': column['sql'] ~ ' is null', 'expected': aegis.range_in_words(low, high, strictly)}) -}}
{% endmacro %}

{% test between(model, column_name, min_value=none, max_value=none, strictly=false) %}
    {{- aegis.generic_test(model, 'between', {'column': column_name, 'min_value': min_value, 'max_value': max_value, 'strictly': strictly}, kwargs) -}}
{% endtest %}
