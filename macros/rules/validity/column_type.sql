{#- Fails when the column's type is not `data_type`: the warehouse's own name for it, or one of dbt's generic names. No row is read. -#}
{% macro rule_column_type(rule, bound) %}
    {%- set type = bound['column']['type'] -%}
    {{- return({'kind': 'known', 'failed': not aegis.same_type(type, rule['data_type']), 'observed': type, 'expected': rule['data_type']}) -}}
{% endmacro %}

{% test column_type(model, column_name, data_type) %}
    {{- aegis.generic_test(model, 'column_type', {'column': column_name, 'data_type': data_type}, kwargs) -}}
{% endtest %}
