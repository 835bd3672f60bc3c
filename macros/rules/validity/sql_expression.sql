{#- A row fails when `expression` is false. -#}
{% macro rule_sql_expression(rule, bound) %}
    {{- return({'kind': 'rows', 'fails': 'not (' ~ rule['expression'] ~ ')', 'null_when': '(' ~ rule['expression'] ~ ') is null',
        'expected': rule['expression']}) -}}
{% endmacro %}

{% test sql_expression(model, expression) %}
    {{- aegis.generic_test(model, 'sql_expression', {'expression': expression}, kwargs) -}}
{% endtest %}
