{#- Texts and conditions that several rule types share. -#}

{#- `between 1 and 100`, `at least 1`, `below 'x'` … -#}
{% macro range_in_words(low, high, strictly) %}
    {%- set ends = [] -%}
    {%- for value in (low, high) -%}
        {%- do ends.append(value['decimal'] if value is mapping else ("'" ~ value ~ "'" if value is string else value)) -%}
    {%- endfor -%}
    {%- if low is not none and high is not none -%}
        {{- return(('strictly between ' if strictly else 'between ') ~ ends[0] ~ ' and ' ~ ends[1]) -}}
    {%- elif low is not none -%}
        {{- return(('above ' if strictly else 'at least ') ~ ends[0]) -}}
    {%- endif -%}
    {{- return(('below ' if strictly else 'at most ') ~ ends[1]) -}}
{% endmacro %}

{#-
  A list rule: {'error', 'value': what is looked up, 'literals', 'shown'}. With quote: true all are compared as texts,
  with quote: false texts become the numbers they hold. Types without literals of their own (enum, uuid, …) are
  compared as their texts.
-#}
{% macro listed(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set quote = rule['quote'] if rule['quote'] is defined else none -%}
    {%- set as_text = (quote is true and column['family'] != 'text') or (column['family'] == 'other' and rule['values'][0] is string) -%}
    {%- set kind = {'name': column['name'], 'type': dialect['text'], 'family': 'text'} if as_text else column -%}
    {%- if column['family'] == 'text' and quote is none and rule['values'] | select('string') | list | length == rule['values'] | length
        and not (dialect['escape'] and '\\' in rule['values'] | join) -%}
        {#- The usual case, without a call for each value. -#}
        {{- return({'error': none, 'value': column['sql'], 'shown': "'" ~ (rule['values'] | join("', '")) ~ "'",
            'literals': "'" ~ (rule['values'] | map('replace', '\\', dialect['backslash']) | map('replace', "'", dialect['apostrophe'])
                | map('replace', '\n', dialect['newline']) | join("', '")) ~ "'"}) -}}
    {%- endif -%}
    {%- set values = [] -%}
    {%- set literals = [] -%}
    {%- set words = [] -%}
    {%- for given in rule['values'] -%}
        {%- set value = aegis.shown(given) if quote is true and given is not string else ({'decimal': given} if quote is false and given is string else given) -%}
        {%- do values.append(value) -%}
        {%- do literals.append(aegis.literal(value, kind, dialect, aegis.zone_of(rule))) -%}
        {%- do words.append(aegis.shown(value)) -%}
    {%- endfor -%}
    {{- return({'error': aegis.cannot_compare(kind, values), 'literals': literals | join(', '), 'shown': words | join(', '),
        'value': 'cast(' ~ column['sql'] ~ ' as ' ~ dialect['text'] ~ ')' if as_text else column['sql']}) -}}
{% endmacro %}

{#- {} lies outside the closed range; either end may be none. What is not a number is in no range. -#}
{% macro outside(low, high, column, dialect) %}
    {%- set conditions = [] -%}
    {%- if low is not none -%}
        {%- do conditions.append('{} < ' ~ aegis.shown(low)) -%}
    {%- endif -%}
    {%- if high is not none -%}
        {%- do conditions.append('{} > ' ~ aegis.shown(high)) -%}
    {%- endif -%}
    {%- set nan = aegis.nan_condition(column, dialect, low if low is not none else high) if column is not none else none -%}
    {%- if nan -%}
        {%- do conditions.append(nan) -%}
    {%- endif -%}
    {{- return(conditions | join(' or ')) -}}
{% endmacro %}

{#- Somebody's SQL with its «name» marks replaced by the relations they stand for, and its moments in the rule's zone. -#}
{% macro referring(query, bound) %}
    {%- set query = aegis.literals_in_zone(query, bound) if "'" in query and '-' in query else query -%}
    {%- if '«' not in query -%}
        {{- return(query) -}}
    {%- endif -%}
    {%- set replaced = {'query': query | replace('«this»', bound['table']['relation'] | string)} -%}
    {%- for name, relation in bound['table']['references'].items() -%}
        {%- do replaced.update({'query': replaced['query'] | replace('«' ~ name ~ '»', relation | string)}) -%}
    {%- endfor -%}
    {{- return(replaced['query']) -}}
{% endmacro %}

{#- Is the column's type the named one? Parameters in brackets count only where the name has them. -#}
{% macro same_type(type, wanted) %}
    {%- set actual = aegis.canonical_type(type) -%}
    {%- set named = aegis.canonical_type(wanted) -%}
    {%- if wanted | lower == 'float' -%}
        {#- dbt's generic name for a float of either size. -#}
        {{- return(actual in ('real', 'double')) -}}
    {%- endif -%}
    {{- return(actual == named or ('(' not in named and actual.split('(')[0] == named)) -}}
{% endmacro %}

{#- One spelling for the names that mean one type, dbt's generic ones (string, integer, …) included. -#}
{% macro canonical_type(type) %}
    {%- set name = type | lower | replace(', ', ',') | trim -%}
    {%- set base = name.split('(')[0] | trim -%}
    {%- set brackets = name[name.split('(')[0] | length:] -%}
    {%- set same = {'string': 'text', 'varchar': 'text', 'character varying': 'text', 'nvarchar': 'text', 'bpchar': 'char', 'character': 'char',
        'int': 'integer', 'int4': 'integer', 'int8': 'bigint', 'int64': 'bigint', 'long': 'bigint', 'int2': 'smallint', 'short': 'smallint',
        'float': 'real', 'float4': 'real', 'float8': 'double', 'float64': 'double', 'double precision': 'double', 'decimal': 'numeric', 'number': 'numeric',
        'bool': 'boolean', 'timestamp without time zone': 'timestamp', 'timestamp_ntz': 'timestamp', 'datetime': 'timestamp',
        'timestamptz': 'timestamp with time zone', 'timestamp_tz': 'timestamp with time zone'} -%}
    {{- return((same[base] if base in same else base) ~ brackets) -}}
{% endmacro %}
