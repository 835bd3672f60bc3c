{% macro to_utc(column, zone='America/New_York') -%}
({{ column }} at time zone '{{ zone }}') at time zone 'UTC'
{%- endmacro %}
