{#- A row fails when `condition` is true and the value is NULL; rows where it is not true are not checked. -#}
{% macro rule_conditional_not_null(rule, bound) %}
    {{- return({'kind': 'rows', 'fails': bound['column']['sql'] ~ ' is null', 'applies': aegis.referring(rule['condition'], bound),
        'expected': 'no NULL where ' ~ rule['condition']}) -}}
{% endmacro %}

{% test conditional_not_null(model, column_name, condition) %}
    {{- aegis.generic_test(model, 'conditional_not_null', {'column': column_name, 'condition': condition}, kwargs) -}}
{% endtest %}
