{#- Refusals that rule definitions share: each returns the text of an error row, or none. -#}

{#- Can this column be put in order with these values? Numbers with numbers, times with ISO times, texts with texts. -#}
{% macro cannot_compare(column, values) %}
    {%- set family = column['family'] -%}
    {%- for value in values if value is not none -%}
        {%- if value is string -%}
            {%- set fits = family in ('text', 'unknown') or family == 'time' and value[2:3] == ':'
                or family == 'temporal' and value[4:5] == '-' and value[7:8] == '-'
                    and 0 < value[5:7] | int <= 12 and 0 < value[8:10] | int <= 31 -%}
        {%- elif value is true or value is false -%}
            {%- set fits = family in ('boolean', 'unknown') -%}
        {%- else -%}
            {%- set fits = family in ('number', 'float', 'unknown') -%}
        {%- endif -%}
        {%- if not fits -%}
            {{- return('column "' ~ column['name'] ~ '" is ' ~ column['type'] ~ ' and cannot be compared with ' ~ aegis.shown(value)) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(none) -}}
{% endmacro %}

{#- Is this column of one of the families that the rule type works on? -#}
{% macro not_of_family(rule, column, families) %}
    {%- if column['family'] in families or column['family'] == 'unknown' -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return('column "' ~ column['name'] ~ '" is ' ~ column['type'] ~ '; ' ~ rule['type'] ~ ' works on '
        ~ {'number': 'number', 'text': 'text', 'temporal': 'date and timestamp'}[families[0]] ~ ' columns') -}}
{% endmacro %}

{#- Can the column's values be grouped? -#}
{% macro cannot_group(rule, columns) %}
    {%- for column in columns if column['family'] == 'other' and not aegis.has_equality(column['type']) -%}
        {{- return('column "' ~ column['name'] ~ '" is ' ~ column['type'] ~ ', a type whose values have no equality here; '
            ~ rule['type'] ~ ' cannot group them') -}}
    {%- endfor -%}
    {{- return(none) -}}
{% endmacro %}

{#- A foreign key compares like with like: a text never equals a number, and some warehouses refuse to ask. -#}
{% macro families_differ(column, target) %}
    {%- set one = 'number' if column['family'] == 'float' else column['family'] -%}
    {%- set other = 'number' if target['family'] == 'float' else target['family'] -%}
    {%- if 'unknown' in (one, other) or one == other and (one != 'other' or column['type'] == target['type']) -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return('column "' ~ column['name'] ~ '" is ' ~ column['type'] ~ ' but the reference column "' ~ target['name'] ~ '" is ' ~ target['type']) -}}
{% endmacro %}

{#- A parameter of the rule, or its default: undefined and none are the same. -#}
{% macro given(rule, name, default=none) %}
    {{- return(rule[name] if rule[name] is defined and rule[name] is not none else default) -}}
{% endmacro %}
