{% macro parse_utc(column) -%}
    try_strptime({{ column }}, '%Y-%m-%dT%H:%M:%SZ')
{%- endmacro %}
