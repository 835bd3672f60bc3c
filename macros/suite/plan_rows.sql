{#-
  kind: rows. A condition on each row.
  made = {fails, null_when?, applies?, expected, before?}: `fails` is true for a bad row, `null_when` for a row
  whose value is missing (it passes and is not counted as checked, unless nulls: fail), `applies` narrows which rows
  are checked, `before` is a select of one row that `fails` may refer to as given_<slot>.
-#}
{% macro plan_rows(plan, rule, bound, made, ranges) %}
    {%- set slot = bound['slot'] -%}
    {%- set fails = made['fails'] -%}
    {%- set checks = aegis.both(bound['scope'], made['applies']) if made['applies'] is defined else bound['scope'] -%}
    {%- if made['null_when'] is defined -%}
        {%- if rule['nulls'] is defined and rule['nulls'] == 'fail' -%}
            {%- set fails = made['null_when'] ~ ' or ' ~ fails -%}
        {%- else -%}
            {%- set checks = aegis.both(checks, 'not (' ~ made['null_when'] ~ ')') -%}
        {%- endif -%}
    {%- endif -%}
    {%- if made['before'] is defined -%}
        {%- do plan['before'].append({'name': 'given_' ~ slot, 'sql': made['before']}) -%}
    {%- endif -%}
    {%- set bad = aegis.both(checks, fails) -%}
    {%- do plan['scopes'].append(bound['scope']) -%}
    {%- do plan['checked'].append(bad ~ ' as p' ~ slot) -%}
    {%- do plan['measured'].append(aegis.count_if('p' ~ slot) ~ ' as f' ~ slot) -%}
    {%- do plan['rows_checked'].append('when ' ~ slot ~ ' then ' ~ aegis.counted(plan, checks)) -%}
    {%- do plan['rows_failed'].append('when ' ~ slot ~ ' then f' ~ slot) -%}
    {%- if bound['keys'] -%}
        {%- do plan['measured'].append(aegis.first_keys(aegis.passed_keys(plan, bound['keys']), 'p' ~ slot) ~ ' as k' ~ slot) -%}
        {%- do plan['keys'].append('when ' ~ slot ~ ' then k' ~ slot) -%}
    {%- endif -%}
    {%- if made['before'] is not defined -%}
        {%- do made.update({'rows_sql': 'select * from ' ~ bound['relation'] ~ ' where ' ~ bad}) -%}
    {%- else -%}
        {%- do made.update({'rows_sql': 'with given_' ~ slot ~ ' as (' ~ made['before'] ~ ') select t.* from ' ~ bound['relation']
            ~ ' as t cross join given_' ~ slot ~ ' where ' ~ bad}) -%}
    {%- endif -%}
{% endmacro %}

{#- The name of the count of rows that satisfy `condition`; rules with the same condition share one. -#}
{% macro counted(plan, condition) %}
    {%- set text = condition if condition is not none else '' -%}
    {%- if text in plan['flags'] -%}
        {{- return(plan['flags'][text]) -}}
    {%- endif -%}
    {%- set name = 'n' ~ (plan['flags'] | length) -%}
    {%- do plan['flags'].update({text: name}) -%}
    {%- if text -%}
        {%- do plan['checked'].append(text ~ ' as c_' ~ name) -%}
        {%- do plan['measured'].append(aegis.count_if('c_' ~ name) ~ ' as ' ~ name) -%}
    {%- else -%}
        {%- do plan['measured'].append('count(*) as ' ~ name) -%}
    {%- endif -%}
    {{- return(name) -}}
{% endmacro %}

{#- Key columns go through the scan once, under names that no column of the table can clash with. -#}
{% macro passed_keys(plan, keys) %}
    {%- set names = [] -%}
    {%- for key in keys -%}
        {%- if key not in plan['keys_passed'] -%}
            {%- set name = 'key_' ~ (plan['keys_passed'] | length) -%}
            {%- do plan['keys_passed'].update({key: name}) -%}
            {%- do plan['checked'].append(key ~ ' as ' ~ name) -%}
        {%- endif -%}
        {%- do names.append(plan['keys_passed'][key]) -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}
