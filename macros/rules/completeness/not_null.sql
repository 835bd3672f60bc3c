{#- A row fails when the value is NULL. -#}
{% macro rule_not_null(rule, bound) %}
    {{- return({'kind': 'rows', 'fails': bound['column']['sql'] ~ ' is null', 'expected': 'no NULL'}) -}}
{% endmacro %}

{% test not_null_rule(model, column_name) %}
    {{- aegis.generic_test(model, 'not_null', {'column': column_name}, kwargs) -}}
{% endtest %}
