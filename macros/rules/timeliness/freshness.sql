{#- Fails when the newest value (infinity is none) is older than `threshold` `unit`s (minutes, hours, days; hours unless said), or there is none. Without a column: the table's own modification time, where the warehouse keeps it. -#}
{% macro rule_freshness(rule, bound) %}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set unit = aegis.given(rule, 'unit', 'hours') -%}
    {%- set expected = 'newer than ' ~ aegis.shown(rule['threshold']) ~ ' ' ~ unit -%}
    {%- set minutes = aegis.shown(rule['threshold']) ~ ' * ' ~ {'minutes': 1, 'hours': 60, 'days': 1440}[unit] -%}
    {%- if bound['column'] is not defined -%}
        {%- set modified = aegis.last_modified(bound['table']['relation'], dialect) -%}
        {%- if modified is none -%}
            {{- return({'error': 'freshness needs a column here: this warehouse does not tell when a table was modified'}) -}}
        {%- endif -%}
        {{- return({'kind': 'branch', 'expected': expected, 'rows_sql': none, 'sql': 'select 0 as n_rows, case when '
            ~ aegis.minutes_since('(' ~ modified ~ ')', adapter.dispatch('aegis_instant_type', 'aegis')()) ~ ' <= ' ~ minutes ~ ' then 0 else 1 end as n_failed, cast(null as '
            ~ dialect['text'] ~ ') as failing_keys'}) -}}
    {%- endif -%}
    {%- set column = bound['column'] -%}
    {{- return({'kind': 'measure', 'error': aegis.not_of_family(rule, column, ['temporal']), 'value': column['sql'],
        'measure': 'max(' ~ aegis.finite_moment('value_' ~ bound['slot']) ~ ')', 'shown': aegis.moment_text('{}', column['type'], dialect),
        'fails': aegis.minutes_since('{}', column['type'], aegis.zone_of(rule)) ~ ' > ' ~ minutes, 'expected': expected}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_freshness() %}
    {{- return(true) -}}
{% endmacro %}

{% test freshness(model, threshold, unit='hours', column_name=none) %}
    {{- aegis.generic_test(model, 'freshness', {'column': column_name, 'threshold': threshold, 'unit': unit}, kwargs) -}}
{% endtest %}
