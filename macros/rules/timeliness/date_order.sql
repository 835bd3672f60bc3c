{#- A row fails when column > column_b; a row where either is NULL is a NULL. -#}
{% macro rule_date_order(rule, bound) %}
    {%- set first = bound['column'] -%}
    {%- set second = bound['column_b'] -%}
    {%- set refused = aegis.not_of_family(rule, first, ['temporal']) or aegis.not_of_family(rule, second, ['temporal']) -%}
    {{- return({'kind': 'rows', 'error': refused or none, 'fails': first['sql'] ~ ' > ' ~ second['sql'],
        'not_null': [first['sql'], second['sql']], 'expected': rule['column'] ~ ' not after ' ~ rule['column_b']}) -}}
{% endmacro %}

{% test date_order(model, column_name, column_b) %}
    {{- aegis.generic_test(model, 'date_order', {'column': column_name, 'column_b': column_b}, kwargs) -}}
{% endtest %}
