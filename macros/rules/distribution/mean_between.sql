{#- Fails when the mean of the non-NULL values is outside the range; no value fails, unless on_empty: pass. -#}
{% macro rule_mean_between(rule, bound) %}
    {%- set low = aegis.given(rule, 'min_value') -%}
    {%- set high = aegis.given(rule, 'max_value') -%}
    {%- set column = bound['column'] -%}
    {{- return({'kind': 'measure', 'error': aegis.not_of_family(rule, column, ['number', 'float']), 'value': column['sql'],
        'measure': 'avg(' ~ aegis.addable('value_' ~ bound['slot'], column['type']) ~ ')', 'fails': aegis.outside(low, high, column, bound['table']['dialect']),
        'expected': aegis.range_in_words(low, high, false)}) -}}
{% endmacro %}

{% test mean_between(model, column_name, min_value=none, max_value=none, on_empty=none) %}
    {{- aegis.generic_test(model, 'mean_between', {'column': column_name, 'min_value': min_value, 'max_value': max_value, 'on_empty': on_empty}, kwargs) -}}
{% endtest %}
