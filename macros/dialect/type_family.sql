{#-
  The family of a column type, from the warehouse's own name for it: number, float (a number with NaN), text,
  temporal, time, boolean, other (nested, JSON, enum, uuid, …) or unknown (the warehouse was not queried).
  A rule says which families it works on. `kind` is what the catalog says where a name tells nothing (relation_facts):
  a type that somebody called `timezone` is no time.
-#}
{% macro type_family(type, kind=none) %}
    {%- if kind -%}
        {{- return('text' if kind == 'text' else 'other') -}}
    {%- endif -%}
    {%- set name = type | lower -%}
    {%- set plain = name.split('(')[0] | trim -%}
    {%- if '[' in name or '<' in name or plain in ('struct', 'map', 'array', 'union') -%}
        {{- return('other') -}}
    {%- elif plain.startswith('timestamp') or plain.startswith('datetime') or plain == 'date' -%}
        {{- return('temporal') -}}
    {%- elif plain in ('varchar', 'char', 'text', 'string', 'character varying', 'character', 'bpchar', 'nvarchar', 'citext', 'name') -%}
        {{- return('text') -}}
    {%- elif plain in ('float', 'double', 'double precision', 'real', 'float4', 'float8', 'float64') -%}
        {{- return('float') -}}
    {%- elif plain in ('tinyint', 'smallint', 'integer', 'int', 'bigint', 'hugeint', 'utinyint', 'usmallint', 'uinteger', 'ubigint',
        'uhugeint', 'bignum', 'varint', 'decimal', 'numeric', 'bignumeric', 'number', 'int2', 'int4', 'int8', 'int64', 'long', 'short',
        'byte') -%}
        {{- return('number') -}}
    {%- elif plain in ('boolean', 'bool') -%}
        {{- return('boolean') -}}
    {%- elif plain in ('time', 'timetz', 'time_ns') or plain.startswith('time with') -%}
        {{- return('time') -}}
    {%- endif -%}
    {{- return('unknown' if plain in ('', 'unknown') else 'other') -}}
{% endmacro %}

{#- How a message names a column's type: as its table does, and what is behind the name. -#}
{% macro told_type(column) %}
    {{- return(column['declared'] ~ ' (' ~ column['type'] ~ ')' if column['declared'] and column['declared'] != column['type'] else column['type']) -}}
{% endmacro %}
