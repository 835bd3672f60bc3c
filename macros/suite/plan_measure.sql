{#-
  kind: measure. One aggregate of the table, judged as a whole: it fails with rows_failed = 1.
  made = {value, measure, expected, fails, empty_fails, applies?}: `value` is what goes through the scan (none for a
  count of rows), `measure` the aggregate over v<slot>, `fails` a condition over m<slot>. Where there is nothing to
  measure (m is null) the rule fails and says so, unless on_empty: pass.
-#}
{% macro plan_measure(plan, rule, bound, made, ranges) %}
    {%- set slot = bound['slot'] -%}
    {%- set measured = 'm' ~ slot -%}
    {%- do plan['scopes'].append(bound['scope']) -%}
    {%- if made['value'] is not none -%}
        {%- set value = made['value'] if bound['scope'] is none else 'case when ' ~ bound['scope'] ~ ' then ' ~ made['value'] ~ ' end' -%}
        {%- do plan['checked'].append(value ~ ' as v' ~ slot) -%}
        {%- set checks = aegis.both(bound['scope'], made['value'] ~ ' is not null') -%}
    {%- else -%}
        {%- set checks = bound['scope'] -%}
    {%- endif -%}
    {%- set rows = aegis.counted(plan, checks) -%}
    {%- if made['value'] is none -%}
        {%- set measured = rows -%}
    {%- else -%}
        {%- do plan['measured'].append(made['measure'] ~ ' as ' ~ measured) -%}
    {%- endif -%}
    {%- set fails = made['fails'] | replace('{}', measured) -%}
    {%- set empty = '0' if rule['on_empty'] is defined and rule['on_empty'] == 'pass' else '1' -%}
    {%- do plan['rows_checked'].append('when ' ~ slot ~ ' then ' ~ rows) -%}
    {%- do plan['rows_failed'].append('when ' ~ slot ~ ' then case when ' ~ measured ~ ' is null then ' ~ empty ~ ' when ' ~ fails ~ ' then 1 else 0 end') -%}
    {%- do plan['observed'].append('when ' ~ slot ~ " then coalesce(" ~ made['shown'] | default('cast({} as ' ~ aegis.type_text() ~ ')') | replace('{}', measured)
        ~ ", 'no value to compare')") -%}
{% endmacro %}
