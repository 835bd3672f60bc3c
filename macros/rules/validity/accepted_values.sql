{#- A row fails when its value is not in the list. `quote: false` takes texts that hold numbers as numbers. -#}
{% macro rule_accepted_values(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set literals = [] -%}
    {%- set words = [] -%}
    {%- for value in aegis.listed(rule, column) -%}
        {%- do literals.append(aegis.literal(value, column)) -%}
        {%- do words.append(aegis.shown(value)) -%}
    {%- endfor -%}
    {{- return({'kind': 'rows', 'error': aegis.cannot_compare(column, aegis.listed(rule, column)),
        'fails': column['sql'] ~ ' not in (' ~ (literals | join(', ')) ~ ')',
        'null_when': column['sql'] ~ ' is null', 'expected': 'one of ' ~ (words | join(', '))}) -}}
{% endmacro %}

{% test accepted_values(model, column_name, values, quote=none) %}
    {{- aegis.generic_test(model, 'accepted_values', {'column': column_name, 'values': values, 'quote': quote}, kwargs) -}}
{% endtest %}
