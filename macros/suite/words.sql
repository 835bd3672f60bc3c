{#- Texts and conditions that several rule types share. -#}

{#- `between 1 and 100`, `at least 1`, `below 'x'` … -#}
{% macro range_in_words(low, high, strictly) %}
    {%- if low is not none and high is not none -%}
        {{- return(('strictly ' if strictly else '') ~ 'between ' ~ aegis.shown(low) ~ ' and ' ~ aegis.shown(high)) -}}
    {%- elif low is not none -%}
        {{- return(('above ' if strictly else 'at least ') ~ aegis.shown(low)) -}}
    {%- endif -%}
    {{- return(('below ' if strictly else 'at most ') ~ aegis.shown(high)) -}}
{% endmacro %}

{#- `value` lies outside the closed range; either end may be none. -#}
{% macro outside(value, low, high) %}
    {%- set conditions = [] -%}
    {%- if low is not none -%}
        {%- do conditions.append(value ~ ' < ' ~ aegis.literal(low)) -%}
    {%- endif -%}
    {%- if high is not none -%}
        {%- do conditions.append(value ~ ' > ' ~ aegis.literal(high)) -%}
    {%- endif -%}
    {{- return(conditions | join(' or ')) -}}
{% endmacro %}

{#- The values of a list rule; with quote: false, texts become the numbers they hold. -#}
{% macro listed(rule, column) %}
    {%- if rule['quote'] is not defined or rule['quote'] is none or rule['quote'] -%}
        {{- return(rule['values']) -}}
    {%- endif -%}
    {%- set values = [] -%}
    {%- for value in rule['values'] -%}
        {%- do values.append({'decimal': value} if value is string else value) -%}
    {%- endfor -%}
    {{- return(values) -}}
{% endmacro %}

{#- A foreign key compares like with like: a text never equals a number, and some warehouses refuse to ask. -#}
{% macro families_differ(column, target) %}
    {%- if column['family'] != target['family'] and column['family'] != 'other' and target['family'] != 'other' -%}
        {{- return('column "' ~ column['name'] ~ '" is ' ~ column['type'] ~ ' but the reference column "' ~ target['name'] ~ '" is ' ~ target['type']) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}

{#- A query with its «name» marks replaced by the relations they stand for. -#}
{% macro referring(query, bound) %}
    {%- set replaced = {'query': query | replace('«this»', bound['relation'] | string)} -%}
    {%- for name, relation in bound['references'].items() -%}
        {%- do replaced.update({'query': replaced['query'] | replace('«' ~ name ~ '»', relation | string)}) -%}
    {%- endfor -%}
    {{- return(replaced['query']) -}}
{% endmacro %}

{#- Is the column's type the named one? Parameters in brackets count only where the name has them. -#}
{% macro same_type(type, wanted) %}
    {%- set actual = aegis.canonical_type(type) -%}
    {%- set named = aegis.canonical_type(wanted) -%}
    {{- return(actual == named or ('(' not in named and actual.split('(')[0] == named)) -}}
{% endmacro %}

{#- One spelling for the names that mean one type, dbt's generic ones (string, integer, …) included. -#}
{% macro canonical_type(type) %}
    {%- set name = type | lower | replace(', ', ',') | trim -%}
    {%- set base = name.split('(')[0] | trim -%}
    {%- set brackets = name[name.split('(')[0] | length:] -%}
    {%- set same = {'string': 'text', 'varchar': 'text', 'character varying': 'text', 'nvarchar': 'text', 'bpchar': 'char', 'character': 'char',
        'int': 'integer', 'int4': 'integer', 'int8': 'bigint', 'int64': 'bigint', 'long': 'bigint', 'int2': 'smallint', 'short': 'smallint',
        'float4': 'real', 'float': 'double', 'float8': 'double', 'float64': 'double', 'double precision': 'double', 'decimal': 'numeric', 'number': 'numeric',
        'bool': 'boolean', 'timestamp without time zone': 'timestamp', 'timestamp_ntz': 'timestamp', 'datetime': 'timestamp',
        'timestamptz': 'timestamp with time zone', 'timestamp_tz': 'timestamp with time zone'} -%}
    {{- return((same[base] if base in same else base) ~ brackets) -}}
{% endmacro %}
