{#- Fails when the sample standard deviation is above `threshold`; fewer than two values fail, unless on_empty: pass. -#}
{% macro rule_stddev_below(rule, bound) %}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set value = 'value_' ~ bound['slot'] -%}
    {%- set measure = 'stddev_samp(' ~ value ~ ')' -%}
    {%- set fails = '{} > ' ~ aegis.shown(rule['threshold']) -%}
    {%- if bound['column']['family'] == 'float' -%}
        {#- Some warehouses break off at a value that is not finite; here the deviation is not a number. -#}
        {%- set finite = dialect['is_finite'] | replace('{}', value) -%}
        {%- set measure = 'case when ' ~ (dialect['count_if'] | replace('{}', 'not ' ~ finite)) ~ " > 0 then cast('NaN' as " ~ dialect['double']
            ~ ') else stddev_samp(case when ' ~ finite ~ ' then ' ~ value ~ ' end) end' -%}
    {%- endif -%}
    {%- set nan = aegis.nan_condition(bound['column'], dialect) -%}
    {{- return({'kind': 'measure', 'error': aegis.not_of_family(rule, bound['column'], ['number', 'float']), 'value': bound['column']['sql'],
        'measure': measure, 'fails': fails ~ (' or ' ~ nan if nan else ''), 'expected': 'a standard deviation of at most ' ~ aegis.shown(rule['threshold'])}) -}}
{% endmacro %}

{% test stddev_below(model, column_name, threshold, on_empty=none) %}
    {{- aegis.generic_test(model, 'stddev_below', {'column': column_name, 'threshold': threshold, 'on_empty': on_empty}, kwargs) -}}
{% endtest %}
