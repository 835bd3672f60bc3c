{#- A row fails when its value is in the list. See `listed` for how values are compared. -#}
{% macro rule_not_accepted_values(rule, bound) %}
    {%- set list = aegis.listed(rule, bound) -%}
    {{- return({'kind': 'rows', 'error': list['error'], 'fails': list['value'] ~ ' in (' ~ list['literals'] ~ ')',
        'not_null': [bound['column']['sql']], 'expected': 'none of ' ~ list['shown']}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_not_accepted_values() %}
    {{- return(true) -}}
{% endmacro %}

{% test not_accepted_values_rule(model, column_name, values, quote=none) %}
    {{- aegis.generic_test(model, 'not_accepted_values', {'column': column_name, 'values': values, 'quote': quote}, kwargs) -}}
{% endtest %}
