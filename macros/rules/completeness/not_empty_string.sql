{#- A row fails when the text is NULL, empty or white space only. -#}
{% macro rule_not_empty_string(rule, bound) %}
    {%- set refused = aegis.not_of_family(rule, bound['column'], ['text']) -%}
    {{- return({'kind': 'rows', 'error': refused, 'expected': 'a text that is not blank',
        'fails': bound['column']['sql'] ~ ' is null or ' ~ aegis.is_blank(bound['column']['sql'])}) -}}
{% endmacro %}

{% test not_empty_string(model, column_name) %}
    {{- aegis.generic_test(model, 'not_empty_string', {'column': column_name}, kwargs) -}}
{% endtest %}
