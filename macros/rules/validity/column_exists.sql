{#- Fails when the relation has no such column. No row is read. -#}
{% macro rule_column_exists(rule, bound) %}
    {%- set found = bound['column'] is not none -%}
    {{- return({'kind': 'known', 'failed': not found, 'expected': 'a column "' ~ rule['column'] ~ '"',
        'observed': bound['column']['declared'] if found else 'no such column'}) -}}
{% endmacro %}

{#- A column that is not there is its finding, not its error. -#}
{% macro takes_missing_column_exists() %}
    {{- return(true) -}}
{% endmacro %}

{% test column_exists(model, column_name) %}
    {{- aegis.generic_test(model, 'column_exists', {'column': column_name}, kwargs) -}}
{% endtest %}
