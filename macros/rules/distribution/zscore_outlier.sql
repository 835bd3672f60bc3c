{#- A row fails when |x − mean| / sample standard deviation is above `zscore_threshold` (3 unless said). Constant values have no outlier. -#}
{% macro rule_zscore_outlier(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set mean = 'aegis_mean_' ~ bound['slot'] -%}
    {%- set deviation = 'aegis_deviation_' ~ bound['slot'] -%}
    {%- set limit = aegis.given(rule, 'zscore_threshold', 3) -%}
    {%- set condition = aegis.finite_condition(column, bound['table']['dialect']) -%}
    {%- set finite = condition | replace('{}', column['sql']) if condition else none -%}
    {%- set value = 'case when ' ~ finite ~ ' then ' ~ column['sql'] ~ ' end' if finite else aegis.addable(column['sql'], column['type']) -%}
    {{- return({'kind': 'rows', 'error': aegis.not_of_family(rule, column, ['number', 'float']),
        'before': 'select avg(' ~ value ~ ') as ' ~ mean ~ ', stddev_samp(' ~ value ~ ') as ' ~ deviation ~ ' from '
            ~ bound['table']['relation'] ~ (' where ' ~ bound['scope'] if bound['scope'] else ''),
        'fails': 'abs(' ~ column['sql'] ~ ' - ' ~ mean ~ ') > ' ~ aegis.shown(limit) ~ ' * nullif(' ~ deviation ~ ', 0)'
            ~ (' or not ' ~ finite if finite else ''),
        'not_null': [column['sql']], 'expected': 'within ' ~ aegis.shown(limit) ~ ' standard deviations of the mean'}) -}}
{% endmacro %}

{% test zscore_outlier(model, column_name, zscore_threshold=3) %}
    {{- aegis.generic_test(model, 'zscore_outlier', {'column': column_name, 'zscore_threshold': zscore_threshold}, kwargs) -}}
{% endtest %}
