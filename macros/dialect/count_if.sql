{#- How many rows make a condition true. DuckDB's count_if costs a third of count(*) filter (…). -#}
{% macro count_if(condition) %}
    {{- return(adapter.dispatch('count_if', 'aegis')(condition)) -}}
{% endmacro %}

{% macro default__count_if(condition) %}
    {{- return('count(case when ' ~ condition ~ ' then 1 end)') -}}
{% endmacro %}

{% macro duckdb__count_if(condition) %}
    {{- return('count_if(' ~ condition ~ ')') -}}
{% endmacro %}

{% macro postgres__count_if(condition) %}
    {{- return('count(*) filter (where ' ~ condition ~ ')') -}}
{% endmacro %}

{% macro bigquery__count_if(condition) %}
    {{- return('countif(' ~ condition ~ ')') -}}
{% endmacro %}
