{#- A text as a literal of the warehouse. Nothing from a rules file reaches SQL as text without it. -#}
{% macro text_literal(value, dialect) %}
    {{- return((dialect['escape'] if '\\' in value | string else '') ~ "'" ~ (value | string | replace('\\', dialect['backslash']) | replace("'", dialect['apostrophe'])
        | replace('\n', dialect['newline'])) ~ "'") -}}
{% endmacro %}

{#-
  A value from a rules file as a literal that compares with `column` without a detour:
  numbers stay exact ({"decimal": "0.10"} carries a number that a float would bend), dates and times are cast to
  the column's own type so that partitions are pruned. `zone` is the rule's (see moment_literal).
-#}
{% macro literal(value, column, dialect, zone='UTC') %}
    {%- if value is mapping -%}
        {#- A digit too many turns the number into a float on some warehouses. -#}
        {{- return(value['decimal'].rstrip('0').rstrip('.') if '.' in value['decimal'] else value['decimal']) -}}
    {%- elif value is string -%}
        {%- if column and column['family'] == 'temporal' -%}
            {{- return(aegis.moment_literal(value, column, dialect, zone)) -}}
        {%- endif -%}
        {#- A time of day with a zone reads a literal without one in the session's. -#}
        {%- set zoned = column and column['family'] == 'time' and aegis.time_kind(column['type']) == 'instant' and '+' not in value and '-' not in value -%}
        {%- set text = (dialect['escape'] if '\\' in value else '') ~ "'" ~ (value | replace('\\', dialect['backslash']) | replace("'", dialect['apostrophe'])
            | replace('\n', dialect['newline'])) ~ ('+00' if zoned else '') ~ "'" -%}
        {{- return('cast(' ~ text ~ ' as ' ~ column['type'] ~ ')' if column and column['family'] == 'time' else text) -}}
    {%- elif value is true or value is false -%}
        {{- return('true' if value else 'false') -}}
    {%- endif -%}
    {{- return(value | string) -}}
{% endmacro %}

{#- How a value reads in a message: numbers bare, text in quotes. -#}
{% macro shown(value) %}
    {%- if value is mapping -%}
        {{- return(value['decimal']) -}}
    {%- elif value is string -%}
        {{- return("'" ~ value ~ "'") -}}
    {%- elif value is true or value is false -%}
        {{- return('true' if value else 'false') -}}
    {%- endif -%}
    {{- return(value | string) -}}
{% endmacro %}
