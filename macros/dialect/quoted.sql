{#- A column or relation part as an identifier of the warehouse, whatever characters its name has. -#}
{% macro quoted(name) %}
    {{- return(adapter.dispatch('quoted', 'aegis')(name)) -}}
{% endmacro %}

{#- adapter.quote wraps and does not double a quote inside the name, so that is done here. -#}
{% macro default__quoted(name) %}
    {{- return(adapter.quote(name | replace('"', '""'))) -}}
{% endmacro %}

{% macro bigquery__quoted(name) %}
    {{- return(adapter.quote(name | replace('\\', '\\\\') | replace('`', '\\`'))) -}}
{% endmacro %}

{% macro spark__quoted(name) %}
    {{- return(adapter.quote(name | replace('`', '``'))) -}}
{% endmacro %}

{% macro databricks__quoted(name) %}
    {{- return(aegis.spark__quoted(name)) -}}
{% endmacro %}
