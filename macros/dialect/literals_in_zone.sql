{#-
  Somebody's own SQL, in which a date or timestamp that is compared with a bare instant of the table says its zone: a
  session would read `tz >= '2024-01-01'` on its own clock. All other texts stay as they are.
-#}
{% macro literals_in_zone(sql, bound) %}
    {%- set parts = sql.split("'") -%}
    {%- if parts | length % 2 == 0 -%}
        {{- return(sql) -}}
    {%- endif -%}
    {%- set known = {'instant': false, 'list': '', 'sql': ''} -%}
    {%- for part in parts -%}
        {%- if loop.index0 % 2 == 0 -%}
            {%- do known.update({'sql': known['sql'] ~ part}) -%}
        {%- else -%}
            {%- set before = parts[loop.index0 - 1] | trim -%}
            {%- set after = parts[loop.index0 + 1] | default('') | trim -%}
            {%- set goes_on = known['list'] and before | upper == known['list'] -%}
            {%- if not goes_on -%}
                {%- set list = 'AND' if (before | upper).endswith(' BETWEEN') else ',' if (before | upper).endswith(' IN (') else '' -%}
                {%- set rest = before[:-8] if list == 'AND' else before[:-4] if list == ',' else before.rstrip('=<>!') -%}
                {%- set rest = rest | trim -%}
                {%- set rest = rest[:-4] | trim if list and (rest | upper).endswith(' NOT') else rest -%}
                {%- set name = rest.split(' ')[-1] if list or rest != before else '' -%}
                {%- set other = after.lstrip('=<>!') -%}
                {%- set name = name or (other.strip().split(' ')[0] if other != after else '') -%}
                {%- set name = name.strip('()').split('.')[-1].strip(bound['table']['dialect']['mark']) -%}
                {%- set column = aegis.find_column(bound['table'], name) if name else none -%}
                {%- set cast = (after | upper).startswith('AS TIMESTAMPTZ') or (after | upper).startswith('AS TIMESTAMP WITH TIME ZONE') -%}
                {%- do known.update({'list': list, 'instant': cast or column is not none and column['family'] == 'temporal'
                    and aegis.time_kind(column['type']) == 'instant'}) -%}
            {%- endif -%}
            {%- set signs = part | replace('0', '') | replace('1', '') | replace('2', '') | replace('3', '') | replace('4', '') | replace('5', '')
                | replace('6', '') | replace('7', '') | replace('8', '') | replace('9', '') -%}
            {%- if known['instant'] and part | length >= 10 and signs in ('--', '-- :', '-- ::', '-- ::.', '--T:', '--T::', '--T::.') -%}
                {%- do known.update({'sql': known['sql'] ~ "'" ~ aegis.zoned_text(part, bound['zone']) ~ "'"}) -%}
            {%- else -%}
                {%- do known.update({'sql': known['sql'] ~ "'" ~ part ~ "'"}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {#- Not by join: dbt 2's leaves out what stands before an empty first part. -#}
    {{- return(known['sql']) -}}
{% endmacro %}

{#- A clock without an offset, with that of its zone. -#}
{% macro zoned_text(text, zone) %}
    {%- set clock = text[10:] | replace('T', ' ') | trim -%}
    {{- return(text[:10] ~ ' ' ~ (clock or '00:00:00') ~ ('+00:00' if zone == 'UTC' else ' ' ~ zone)) -}}
{% endmacro %}
