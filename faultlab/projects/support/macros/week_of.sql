{% macro week_of(moment) -%}
    date_trunc('week', {{ moment }})::date
{%- endmacro %}
