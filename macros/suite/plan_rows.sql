{#-
  kind: rows. A condition on each row.
  made = {fails, not_null?, applies?, expected, before?}: `fails` is true for a bad row, and NULL where one of `not_null`
  (SQL expressions) is NULL. Such a row passes and is not counted as checked, unless nulls: fail. `applies` narrows
  which rows are checked; `before` is a select of one row, given_<slot>, that `fails` may refer to.
-#}
{% macro plan_rows(plan, rule, bound, made, ranges) %}
    {%- set slot = bound['slot'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set scope = bound['scope'] -%}
    {%- set fails = made['fails'] -%}
    {%- if made['applies'] is defined -%}
        {%- set scope = (scope ~ ' and (' if scope else '(') ~ made['applies'] ~ ')' -%}
    {%- endif -%}
    {%- set checks = scope -%}
    {%- if made['not_null'] is defined -%}
        {%- if rule['nulls'] is defined and rule['nulls'] == 'fail' -%}
            {%- set fails = (made['not_null'] | join(' is null or ')) ~ ' is null or ' ~ fails -%}
        {%- else -%}
            {%- set checks = (scope ~ ' and ' if scope else '') ~ (made['not_null'] | join(' is not null and ')) ~ ' is not null' -%}
        {%- endif -%}
    {%- endif -%}
    {%- if made['before'] is defined -%}
        {%- do plan['before'].append({'name': 'given_' ~ slot, 'sql': made['before']}) -%}
    {%- endif -%}
    {%- set bad = scope ~ ' and (' ~ fails ~ ')' if scope else fails -%}
    {%- do plan['scopes'].append(bound['scope']) -%}
    {%- do plan['checked'].append(bad ~ ' as p' ~ slot) -%}
    {%- do plan['measured'].append((dialect['count_if'] | replace('{}', 'p' ~ slot)) ~ ' as f' ~ slot) -%}
    {%- do plan['rows_checked'].append('when ' ~ slot ~ ' then ' ~ (plan['counts'][checks or ''] or aegis.counted(plan, checks, dialect))) -%}
    {%- do plan['rows_failed'].append('when ' ~ slot ~ ' then f' ~ slot) -%}
    {%- if bound['keys'] and dialect['first_keys'] -%}
        {%- if bound['keys'] not in plan['keys_passed'] -%}
            {#- Under a name that no column of the table can clash with: nothing but our names leaves the scan. -#}
            {%- do plan['keys_passed'].update({bound['keys']: 'key_' ~ (plan['keys_passed'] | length)}) -%}
            {%- do plan['checked'].append(bound['keys'] ~ ' as ' ~ plan['keys_passed'][bound['keys']]) -%}
        {%- endif -%}
        {%- do plan['measured'].append((dialect['first_keys'] | replace('{key}', plan['keys_passed'][bound['keys']])
            | replace('{condition}', 'p' ~ slot)) ~ ' as k' ~ slot) -%}
        {%- do plan['keys'].append('when ' ~ slot ~ ' then k' ~ slot) -%}
    {%- endif -%}
    {%- set relation = bound['table']['relation'] -%}
    {%- if made['before'] is defined -%}
        {{- return('with given_' ~ slot ~ ' as (' ~ made['before'] ~ ') select * from ' ~ relation ~ ' cross join given_' ~ slot ~ ' where ' ~ bad) -}}
    {%- endif -%}
    {{- return('select * from ' ~ relation ~ ' where ' ~ bad) -}}
{% endmacro %}

{#- The name of the count of rows that satisfy `condition` (none: of all); rules with the same condition share it. -#}
{% macro counted(plan, condition, dialect) %}
    {%- set text = condition or '' -%}
    {%- if text not in plan['counts'] -%}
        {%- set name = 'n' ~ (plan['counts'] | length) -%}
        {%- do plan['counts'].update({text: name}) -%}
        {%- if text -%}
            {%- do plan['checked'].append(text ~ ' as c_' ~ name) -%}
        {%- endif -%}
        {%- do plan['measured'].append((dialect['count_if'] | replace('{}', 'c_' ~ name) if text else 'count(*)') ~ ' as ' ~ name) -%}
    {%- endif -%}
    {{- return(plan['counts'][text]) -}}
{% endmacro %}
