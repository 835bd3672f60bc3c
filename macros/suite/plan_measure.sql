{#-
  kind: measure. One aggregate of the table, judged as a whole: it fails with rows_failed = 1.
  made = {value, measure, fails, expected, shown?}: `value` is what goes through the scan as value_<slot> (none: the rows
  themselves), `measure` the aggregate over it, `fails` a condition on {}, the measured value, which `shown` shows.
  Where there is nothing to measure (it is null) the rule fails and says so, unless on_empty: pass.
-#}
{% macro plan_measure(plan, rule, bound, made) %}
    {%- set slot = bound['slot'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- do plan['scopes'].append(bound['scope']) -%}
    {%- if made['value'] is none -%}
        {%- set counted = bound['scope'] or '' -%}
        {%- set rows = plan['counts'][counted] or 'rows_' ~ slot -%}
        {#- A count of all rows is never NULL; one of some rows is, on some warehouses, where there are none. -#}
        {%- set measured = 'coalesce(' ~ rows ~ ', 0)' if bound['scope'] else rows -%}
    {%- else -%}
        {%- set counted = (bound['scope'] ~ ' and ' if bound['scope'] else '') ~ made['value'] ~ ' is not null' -%}
        {%- set rows = plan['counts'][counted] or 'rows_' ~ slot -%}
        {%- set measured = 'measured_' ~ slot -%}
        {%- do plan['checked'].append(aegis.within(bound['scope'], made['value']) ~ ' as value_' ~ slot) -%}
        {%- do plan['measured'].append(made['measure'] ~ ' as ' ~ measured) -%}
    {%- endif -%}
    {%- set empty = '0' if rule['on_empty'] is defined and rule['on_empty'] == 'pass' else '1' -%}
    {%- set shown = made['shown'] if made['shown'] is defined else 'cast({} as ' ~ dialect['text'] ~ ')' -%}
    {%- set shown = shown | replace('{}', measured) -%}
    {{- return({'counted': counted, 'value': none, 'rows_checked': rows, 'keys': 'null', 'rows_sql': none,
        'rows_failed': 'case when ' ~ (measured ~ ' is null then ' ~ empty ~ ' when ' if made['value'] is not none else '')
            ~ (made['fails'] | replace('{}', measured)) ~ ' then 1 else 0 end',
        'observed': 'coalesce(' ~ shown ~ ", 'no value to compare')" if made['value'] is not none else shown}) -}}
{% endmacro %}
