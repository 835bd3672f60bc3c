{#- Fails when the relation has no such column. No row is read. -#}
{% macro rule_column_exists(rule, bound) %}
    {%- set found = bound['column'] is not none -%}
    {{- return({'kind': 'known', 'failed': not found, 'expected': 'a column "' ~ rule['column'] ~ '"',
        'observed': bound['column']['declared'] if found else 'no such column'}) -}}
{% endmacro %}

{% test column_exists(model, column_name) %}
    {{- aegis.generic_test(model, 'column_exists', {'column': column_name}, kwargs) -}}
{% endtest %}
