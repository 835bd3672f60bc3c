{#- A row fails outside the closed range (the open one, if `strictly`); either end may be left out. -#}
{% macro rule_between(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set low = rule['min_value'] if rule['min_value'] is defined else none -%}
    {%- set high = rule['max_value'] if rule['max_value'] is defined else none -%}
    {%- set zone = aegis.zone_of(rule) -%}
    {%- set strictly = rule['strictly'] is defined and rule['strictly'] -%}
    {%- set outside = [] -%}
    {%- if low is not none -%}
        {%- do outside.append(column['sql'] ~ (' <= ' if strictly else ' < ') ~ aegis.value_sql(low, column, dialect, zone)) -%}
    {%- endif -%}
    {%- if high is not none -%}
        {%- do outside.append(column['sql'] ~ (' >= ' if strictly else ' > ') ~ aegis.value_sql(high, column, dialect, zone)) -%}
    {%- endif -%}
    {%- set nan = aegis.nan_condition(column, dialect, low if low is not none else high) -%}
    {%- if nan -%}
        {%- do outside.append(nan | replace('{}', column['sql'])) -%}
    {%- endif -%}
    {{- return({'kind': 'rows', 'error': aegis.cannot_compare(column, [low, high], dialect), 'fails': outside | join(' or '),
        'not_null': [column['sql']], 'expected': aegis.range_in_words(low, high, strictly)}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_between() %}
    {{- return(true) -}}
{% endmacro %}

{% test between(model, column_name, min_value=none, max_value=none, strictly=false) %}
    {{- aegis.generic_test(model, 'between', {'column': column_name, 'min_value': min_value, 'max_value': max_value, 'strictly': strictly}, kwargs) -}}
{% endtest %}
