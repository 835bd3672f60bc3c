{#- A row fails when it is later than now, or for a date later than today: in UTC, or the rule's time_zone. -#}
{% macro rule_no_future_dates(rule, bound) %}
    {%- set column = bound['column'] -%}
    {{- return({'kind': 'rows', 'error': aegis.not_of_family(rule, column, ['temporal']),
        'fails': column['sql'] ~ ' > ' ~ aegis.now_as(column['type'], aegis.zone_of(rule)), 'not_null': [column['sql']], 'expected': 'not in the future'}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_no_future_dates() %}
    {{- return(true) -}}
{% endmacro %}

{% test no_future_dates(model, column_name) %}
    {{- aegis.generic_test(model, 'no_future_dates', {'column': column_name}, kwargs) -}}
{% endtest %}
