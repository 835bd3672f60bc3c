{#- A row fails when |x − mean| / sample standard deviation is above `zscore_threshold` (3 unless said). Constant values have no outlier. -#}
{% macro rule_zscore_outlier(rule, bound) %}
    {%- set column = bound['column']['sql'] -%}
    {%- set mean = 'aegis_mean_' ~ bound['slot'] -%}
    {%- set deviation = 'aegis_deviation_' ~ bound['slot'] -%}
    {%- set limit = aegis.given(rule, 'zscore_threshold', 3) -%}
    {{- return({'kind': 'rows', 'error': aegis.not_of_family(rule, bound['column'], ['number']),
        'before': 'select avg(' ~ column ~ ') as ' ~ mean ~ ', stddev_samp(' ~ column ~ ') as ' ~ deviation ~ ' from ' ~ bound['relation']
            ~ (' where ' ~ bound['scope'] if bound['scope'] is not none else ''),
        'fails': 'abs(' ~ column ~ ' - ' ~ mean ~ ') > ' ~ aegis.literal(limit) ~ ' * nullif(' ~ deviation ~ ', 0)',
        'null_when': column ~ ' is null', 'expected': 'within ' ~ aegis.shown(limit) ~ ' standard deviations of the mean'}) -}}
{% endmacro %}

{% test zscore_outlier(model, column_name, zscore_threshold=3) %}
    {{- aegis.generic_test(model, 'zscore_outlier', {'column': column_name, 'zscore_threshold': zscore_threshold}, kwargs) -}}
{% endtest %}
