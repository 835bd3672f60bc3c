{#- Refusals that rule definitions share: each returns the text of an error row, or none. -#}

{#- Can this column be compared with these values? Numbers with numbers, times and texts with texts. -#}
{% macro cannot_compare(column, values) %}
    {%- for value in values if value is not none -%}
        {%- set numeric = value is mapping or (value is number and value is not true and value is not false) -%}
        {%- if numeric and column['family'] in ('text', 'temporal', 'boolean') or not numeric and value is string and column['family'] in ('number', 'boolean') -%}
            {{- return('column "' ~ column['name'] ~ '" is ' ~ column['type'] ~ ' and cannot be compared with ' ~ aegis.shown(value)) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(none) -}}
{% endmacro %}

{#- Is this column of one of the families that the rule type works on? -#}
{% macro not_of_family(rule, column, families) %}
    {%- if column['family'] in families or column['family'] == 'other' -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return('column "' ~ column['name'] ~ '" is ' ~ column['type'] ~ '; ' ~ rule['type'] ~ ' works on ' ~ (families | join(' or ')) ~ ' columns') -}}
{% endmacro %}

{#- A parameter of the rule, or its default: undefined and none are the same. -#}
{% macro given(rule, name, default=none) %}
    {{- return(rule[name] if rule[name] is defined and rule[name] is not none else default) -}}
{% endmacro %}
