{#- A row fails when `expression` is false. -#}
{% macro rule_sql_expression(rule, bound) %}
    {%- set expression = '(' ~ aegis.referring(rule['expression'], bound) ~ ')' -%}
    {{- return({'kind': 'rows', 'fails': 'not ' ~ expression, 'not_null': [expression], 'expected': rule['expression']}) -}}
{% endmacro %}

{% test sql_expression(model, expression) %}
    {{- aegis.generic_test(model, 'sql_expression', {'expression': expression}, kwargs) -}}
{% endtest %}
