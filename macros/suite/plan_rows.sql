{#-
  kind: rows. A condition on each row.
  made = {fails, not_null?, applies?, expected, before?}: `fails` is true for a bad row, and NULL where one of
  `not_null` (SQL expressions) is NULL. Such a row passes and is not counted as checked, unless nulls: fail. `applies`
  narrows which rows are checked; `before` is a select of one row, aegis_given_<slot>, that `fails` may refer
  to.
-#}
{% macro plan_rows(plan, rule, bound, made) %}
    {%- set slot = bound['slot'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set relation = bound['table']['relation'] -%}
    {%- set scope = bound['scope'] -%}
    {%- set fails = made['fails'] -%}
    {%- if made['applies'] is defined -%}
        {%- set scope = (scope ~ ' and (' if scope else '(') ~ made['applies'] ~ ')' -%}
    {%- endif -%}
    {%- set counted = scope or '' -%}
    {%- set value = none -%}
    {#- A row of NULLs is NULL to PostgreSQL, and yet a value to whatever counts it or makes a text of it. -#}
    {%- set composite = bound['column'] is defined and bound['column'] and bound['column']['kind'] in ('composite', 'unequal') -%}
    {%- if made['not_null'] is defined -%}
        {%- set fails = '(' ~ made['not_null'][0] ~ ' is not null and ' ~ fails ~ ')' if composite else fails -%}
        {%- if rule['nulls'] is defined and rule['nulls'] == 'fail' -%}
            {%- set fails = (made['not_null'] | join(' is null or ')) ~ ' is null or ' ~ fails -%}
        {%- else -%}
            {%- set counted = (scope ~ ' and ' if scope else '') ~ (made['not_null'] | join(' is not null and ')) ~ ' is not null' -%}
            {%- set value = made['not_null'][0] if not scope and made['not_null'] | length == 1 and not composite else none -%}
        {%- endif -%}
    {%- endif -%}
    {%- set bad = scope ~ ' and (' ~ fails ~ ')' if scope else fails -%}
    {%- do plan['scopes'].append(bound['scope']) -%}
    {%- do plan['checked'].append(bad ~ ' as fails_' ~ slot) -%}
    {%- do plan['measured'].append((dialect['count_if'] | replace('{}', 'fails_' ~ slot)) ~ ' as failed_' ~ slot) -%}
    {%- set key = bound['keys'] if dialect['first_keys'] else none -%}
    {%- if key -%}
        {%- if key not in plan['keys_passed'] -%}
            {#- Under a name that no column of the table can clash with: nothing but our names leaves the scan. -#}
            {%- do plan['keys_passed'].update({key: 'key_' ~ (plan['keys_passed'] | length)}) -%}
            {%- do plan['checked'].append(key ~ ' as ' ~ plan['keys_passed'][key]) -%}
        {%- endif -%}
        {%- do plan['measured'].append((dialect['first_keys'] | replace('{key}', plan['keys_passed'][key])
            | replace('{condition}', 'fails_' ~ slot)) ~ ' as keys_' ~ slot) -%}
    {%- endif -%}
    {%- set before = '' -%}
    {%- if made['before'] is defined -%}
        {%- do plan['before'].append({'name': 'aegis_given_' ~ slot, 'sql': made['before']}) -%}
        {%- set before = 'with aegis_given_' ~ slot ~ ' as (' ~ made['before'] ~ ') ' -%}
        {%- set relation = relation ~ ' cross join aegis_given_' ~ slot -%}
    {%- endif -%}
    {{- return({'counted': counted, 'value': value, 'rows_checked': plan['counts'][counted] or 'rows_' ~ slot, 'rows_failed': 'failed_' ~ slot,
        'observed': 'null', 'keys': 'keys_' ~ slot if key else 'null', 'rows_sql': before ~ 'select * from ' ~ relation ~ ' where ' ~ bad}) -}}
{% endmacro %}
