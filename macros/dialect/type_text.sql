{#- The warehouse's name for text of any length. -#}
{% macro type_text() %}
    {{- return(adapter.dispatch('type_text', 'aegis')()) -}}
{% endmacro %}

{% macro default__type_text() %}
    {{- return('varchar') -}}
{% endmacro %}

{% macro postgres__type_text() %}
    {{- return('text') -}}
{% endmacro %}

{% macro bigquery__type_text() %}
    {{- return('string') -}}
{% endmacro %}

{% macro spark__type_text() %}
    {{- return('string') -}}
{% endmacro %}

{% macro databricks__type_text() %}
    {{- return('string') -}}
{% endmacro %}
