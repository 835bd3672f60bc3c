{#-
  Is the column's type the named one? What stands in brackets, and which parts an interval has, count only where the
  name has them. A domain is of its own type and of the one behind it; a type of a schema may be named without it.
-#}
{% macro same_type(column, wanted) %}
    {%- set plain = wanted | lower | trim -%}
    {%- set actual = aegis.canonical_type(column['type']) -%}
    {%- if plain == 'float' -%}
        {#- dbt's generic name for a float of either size. -#}
        {{- return(actual in ('real', 'double')) -}}
    {%- elif column['kind'] == 'enum' and plain == 'enum' -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- set named = aegis.canonical_type(wanted) -%}
    {%- for type in (column['declared'], column['type']) -%}
        {%- set canonical = aegis.canonical_type(type) -%}
        {%- set own = type | replace('"', '') | lower -%}
        {%- if canonical == named or aegis.without_parameters(canonical) == named or own == plain | replace('"', '')
            or (column['kind'] or column['declared'] != column['type']) and own.split('.') | last == plain | replace('"', '') -%}
            {{- return(true) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(false) -}}
{% endmacro %}

{#- `numeric(10,2)[]` without what is in brackets: `numeric[]`; of nested types and intervals only the word. -#}
{% macro without_parameters(type) %}
    {%- if type.endswith(']') -%}
        {%- set list = '[' ~ (type.split('[') | last) -%}
        {{- return(aegis.without_parameters(type[:type | length - list | length]) ~ list) -}}
    {%- endif -%}
    {%- set word = type.split('(')[0].split('<')[0] -%}
    {{- return('interval' if word.startswith('interval ') else word) -}}
{% endmacro %}

{#-
  One spelling for the names that mean one type, dbt's generic ones (string, integer, …) included: the word first, then
  the parameters, then the brackets of a list: `time(3) with time zone[]` is `time with time zone(3)[]`.
-#}
{% macro canonical_type(type) %}
    {%- set whole = type | trim -%}
    {%- set name = (whole | lower).split() | join(' ') | replace(', ', ',') | replace(' ,', ',') | replace(' (', '(') | replace('( ', '(') | replace(' )', ')') | replace(' [', '[') -%}
    {%- if name.endswith(']') -%}
        {%- set list = '[' ~ (whole.split('[') | last) -%}
        {{- return(aegis.canonical_type(whole[:whole | length - list | length]) ~ list) -}}
    {%- elif name.endswith(' array') -%}
        {{- return(aegis.canonical_type(whole[:-6]) ~ '[]') -}}
    {%- endif -%}
    {%- set word = name.split('(')[0] -%}
    {%- if word in ('struct', 'row', 'map', 'union') and '(' in name -%}
        {{- return(('struct' if word == 'row' else word) ~ '(' ~ aegis.canonical_parts(whole[whole.split('(')[0] | length + 1:-1], word) ~ ')') -}}
    {%- elif word == 'enum' -%}
        {#- The labels are data: they keep their case and their spaces. -#}
        {{- return('enum' ~ (whole[whole.split('(')[0] | length:] | replace("', '", "','"))) -}}
    {%- endif -%}
    {%- set digits = name[word | length:].split(')')[0] ~ ')' if '(' in name else '' -%}
    {%- set base = word ~ name[word | length + digits | length:] -%}
    {%- set same = aegis.type_names() -%}
    {%- set base = same[base] if base in same else base -%}
    {%- if base == 'numeric' and digits and ',' not in digits -%}
        {%- set digits = digits | replace(')', ',0)') -%}
    {%- elif word == 'float' and digits -%}
        {{- return('real' if digits[1:-1] | int < 25 else 'double') -}}
    {%- endif -%}
    {{- return(base ~ digits) -}}
{% endmacro %}

{#- The parts of a nested type, split at the commas that are not inside one of them; each `name type`, in a map `type`. -#}
{% macro canonical_parts(text, word) %}
    {%- set parts = [] -%}
    {%- set open = [] -%}
    {%- for piece in text.split(',') -%}
        {%- do open.append(piece) -%}
        {%- set so_far = open | join(',') -%}
        {%- if so_far | replace('(', '') | length == so_far | replace(')', '') | length and (so_far | replace('"', '') | length - so_far | length) % 2 == 0
            and (so_far | replace("'", '') | length - so_far | length) % 2 == 0 -%}
            {%- set part = so_far | trim -%}
            {%- set field = '' if word == 'map' else ('"' ~ part.split('"')[1] ~ '"' if part.startswith('"') else part.split(' ')[0]) -%}
            {%- set name = field | replace('"', '') | lower -%}
            {%- do parts.append((name ~ ' ' if name else '') ~ aegis.canonical_type(part[field | length:])) -%}
            {%- do open.clear() -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(parts | join(',')) -}}
{% endmacro %}

{#- Other names of types, by the one that is used here. -#}
{% macro type_names() %}
    {{- return(adapter.dispatch('aegis_type_names', 'aegis')()) -}}
{% endmacro %}

{% macro default__aegis_type_names() %}
    {{- return({'string': 'text', 'varchar': 'text', 'character varying': 'text', 'nvarchar': 'text', 'bpchar': 'char', 'character': 'char',
        'int': 'integer', 'int4': 'integer', 'int32': 'integer', 'serial': 'integer', 'int8': 'bigint', 'int64': 'bigint', 'long': 'bigint',
        'bigserial': 'bigint', 'int2': 'smallint', 'int16': 'smallint', 'short': 'smallint', 'smallserial': 'smallint',
        'float': 'real', 'float4': 'real', 'float8': 'double', 'float64': 'double', 'double precision': 'double',
        'decimal': 'numeric', 'dec': 'numeric', 'number': 'numeric', 'bool': 'boolean', 'bit varying': 'varbit', 'varint': 'bignum',
        'time without time zone': 'time', 'timetz': 'time with time zone',
        'timestamp without time zone': 'timestamp', 'timestamp_ntz': 'timestamp', 'datetime': 'timestamp',
        'timestamptz': 'timestamp with time zone', 'timestamp_tz': 'timestamp with time zone'}) -}}
{% endmacro %}

{#- DuckDB's texts have no length, and its own names for integers count bytes or bits. -#}
{% macro duckdb__aegis_type_names() %}
    {%- set names = aegis.default__aegis_type_names() -%}
    {%- do names.update({'char': 'text', 'bpchar': 'text', 'character': 'text', 'int1': 'tinyint', 'signed': 'integer', 'int128': 'hugeint',
        'uint8': 'utinyint', 'uint16': 'usmallint', 'uint32': 'uinteger', 'uint64': 'ubigint', 'uint128': 'uhugeint', 'logical': 'boolean',
        'bytea': 'blob', 'binary': 'blob', 'varbinary': 'blob', 'bitstring': 'bit', 'guid': 'uuid', 'timestamp_us': 'timestamp'}) -%}
    {{- return(names) -}}
{% endmacro %}
