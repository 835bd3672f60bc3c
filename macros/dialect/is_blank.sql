{#- Is the text empty, or nothing but white space (tabs and newlines too)? -#}
{% macro is_blank(text, dialect) %}
    {{- return('not ' ~ dialect['regex_found'](text, adapter.dispatch('aegis_not_a_space', 'aegis')(), '', dialect)) -}}
{% endmacro %}

{#- POSIX, which PostgreSQL and RE2 know. -#}
{% macro default__aegis_not_a_space() %}
    {{- return('[^[:space:]]') -}}
{% endmacro %}

{% macro spark__aegis_not_a_space() %}
    {{- return('\\S') -}}
{% endmacro %}

{% macro databricks__aegis_not_a_space() %}
    {{- return('\\S') -}}
{% endmacro %}

{% macro athena__aegis_not_a_space() %}
    {{- return('\\S') -}}
{% endmacro %}
