{#- A row fails when its value is in the list. `quote: false` takes texts that hold numbers as numbers. -#}
{% macro rule_not_accepted_values(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set literals = [] -%}
    {%- set words = [] -%}
    {%- for value in aegis.listed(rule, column) -%}
        {%- do literals.append(aegis.literal(value, column)) -%}
        {%- do words.append(aegis.shown(value)) -%}
    {%- endfor -%}
    {{- return({'kind': 'rows', 'error': aegis.cannot_compare(column, aegis.listed(rule, column)),
        'fails': column['sql'] ~ ' in (' ~ (literals | join(', ')) ~ ')',
        'null_when': column['sql'] ~ ' is null', 'expected': 'none of ' ~ (words | join(', '))}) -}}
{% endmacro %}

{% test not_accepted_values(model, column_name, values, quote=none) %}
    {{- aegis.generic_test(model, 'not_accepted_values', {'column': column_name, 'values': values, 'quote': quote}, kwargs) -}}
{% endtest %}
