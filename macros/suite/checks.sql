{#- Refusals that rule definitions share: each returns the text of an error row, or none. -#}

{#- Is this column text to people? The rules about texts take what readable_text gives. -#}
{% macro no_text(rule, column, dialect) %}
    {{- return(none if aegis.readable_text(column, dialect) is not none else 'column "' ~ column['name'] ~ '" is ' ~ aegis.told_type(column) ~ '; '
        ~ rule['type'] ~ ' works on text columns: cast it, as in sql_expression: cast(' ~ column['sql'] ~ ' as ' ~ dialect['text'] ~ ') …') -}}
{% endmacro %}

{#- Is this column of one of the families that the rule type works on? -#}
{% macro not_of_family(rule, column, families) %}
    {%- if column['family'] in families or column['family'] == 'unknown' -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return('column "' ~ column['name'] ~ '" is ' ~ aegis.told_type(column) ~ '; ' ~ rule['type'] ~ ' works on '
        ~ {'number': 'number', 'temporal': 'date and timestamp'}[families[0]] ~ ' columns') -}}
{% endmacro %}

{#- Can the column's values be grouped? -#}
{% macro cannot_group(rule, columns) %}
    {%- for column in columns if column['family'] == 'other' and (column['kind'] == 'unequal' or not column['kind'] and not aegis.has_equality(column['type'])) -%}
        {{- return('column "' ~ column['name'] ~ '" is ' ~ aegis.told_type(column) ~ ', a type whose values have no equality here; '
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
    {{- return('column "' ~ column['name'] ~ '" is ' ~ aegis.told_type(column) ~ ' but the reference column "' ~ target['name'] ~ '" is ' ~ aegis.told_type(target)) -}}
{% endmacro %}

{#- A parameter of the rule, or its default: undefined and none are the same. -#}
{% macro given(rule, name, default=none) %}
    {{- return(rule[name] if rule[name] is defined and rule[name] is not none else default) -}}
{% endmacro %}

{#- A column as what is behind its type: PostgreSQL finds no equality for a domain of an enum, a list or a range. -#}
{% macro as_base(sql, column) %}
    {{- return('cast(' ~ sql ~ ' as ' ~ column['type'] ~ ')' if column['family'] == 'other' and column['declared'] != column['type'] else sql) -}}
{% endmacro %}
