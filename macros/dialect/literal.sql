{#-
  A value from a rules file as a literal that compares with `column` without a detour:
  numbers stay exact ({"decimal": "0.10"} carries a number that a float would bend), dates and timestamps
  are cast to the column's own type so that partitions are pruned.
-#}
{% macro literal(value, column=none) %}
    {%- if value is mapping -%}
        {{- return(value['decimal']) -}}
    {%- elif value is true or value is false -%}
        {{- return('true' if value else 'false') -}}
    {%- elif value is number -%}
        {{- return(value | string) -}}
    {%- elif column is not none and column['family'] == 'temporal' -%}
        {{- return('cast(' ~ aegis.text_literal(value) ~ ' as ' ~ column['type'] ~ ')') -}}
    {%- else -%}
        {{- return(aegis.text_literal(value)) -}}
    {%- endif -%}
{% endmacro %}

{#- How a value reads in a message: numbers bare, text in quotes. -#}
{% macro shown(value) %}
    {%- if value is mapping -%}
        {{- return(value['decimal']) -}}
    {%- elif value is true or value is false -%}
        {{- return('true' if value else 'false') -}}
    {%- elif value is string -%}
        {{- return("'" ~ value ~ "'") -}}
    {%- else -%}
        {{- return(value | string) -}}
    {%- endif -%}
{% endmacro %}
