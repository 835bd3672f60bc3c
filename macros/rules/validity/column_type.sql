{#- Fails when the column's type is not `data_type`: the warehouse's own name for it, or one of dbt's generic names; a domain is also of the type behind it. No row is read. -#}
{% macro rule_column_type(rule, bound) %}
    {%- set column = bound['column'] -%}
    {{- return({'kind': 'known', 'failed': not aegis.same_type(column, rule['data_type']), 'observed': column['declared'], 'expected': rule['data_type']}) -}}
{% endmacro %}

{% test column_type(model, column_name, data_type) %}
    {{- aegis.generic_test(model, 'column_type', {'column': column_name, 'data_type': data_type}, kwargs) -}}
{% endtest %}
