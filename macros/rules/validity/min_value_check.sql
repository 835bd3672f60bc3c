{#- A row fails below `min_value`. -#}
{% macro rule_min_value_check(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set nan = aegis.nan_condition(column, dialect, rule['min_value']) -%}
    {{- return({'kind': 'rows', 'error': aegis.cannot_compare(column, [rule['min_value']], dialect),
        'fails': column['sql'] ~ ' < ' ~ aegis.value_sql(rule['min_value'], column, dialect, aegis.zone_of(rule)) ~ (' or ' ~ (nan | replace('{}', column['sql'])) if nan else ''),
        'not_null': [column['sql']], 'expected': aegis.range_in_words(rule['min_value'], none, false)}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_min_value_check() %}
    {{- return(true) -}}
{% endmacro %}

{% test min_value_check(model, column_name, min_value) %}
    {{- aegis.generic_test(model, 'min_value_check', {'column': column_name, 'min_value': min_value}, kwargs) -}}
{% endtest %}
