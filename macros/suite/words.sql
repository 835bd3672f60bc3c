{#- Texts and conditions that several rule types share. -#}

{#- `between 1 and 100`, `at least 1`, `below 'x'` … -#}
{% macro range_in_words(low, high, strictly) %}
    {%- set ends = [] -%}
    {%- for value in (low, high) -%}
        {%- do ends.append(value['decimal'] if value is mapping else ("'" ~ value ~ "'" if value is string else value)) -%}
    {%- endfor -%}
    {%- if low is not none and ends[0] == ends[1] and not strictly -%}
        {{- return('exactly ' ~ ends[0]) -}}
    {%- elif low is not none and high is not none -%}
        {{- return(('strictly between ' if strictly else 'between ') ~ ends[0] ~ ' and ' ~ ends[1]) -}}
    {%- elif low is not none -%}
        {{- return(('above ' if strictly else 'at least ') ~ ends[0]) -}}
    {%- endif -%}
    {{- return(('below ' if strictly else 'at most ') ~ ends[1]) -}}
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
