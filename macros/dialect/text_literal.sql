{#- A text as a literal of the warehouse. Nothing from a rules file reaches SQL as text without it. -#}
{% macro text_literal(value) %}
    {{- return(adapter.dispatch('text_literal', 'aegis')(value | string)) -}}
{% endmacro %}

{% macro default__text_literal(value) %}
    {{- return("'" ~ (value | replace("'", "''")) ~ "'") -}}
{% endmacro %}

{#- BigQuery and Spark read backslash escapes inside a literal. -#}
{% macro bigquery__text_literal(value) %}
    {%- set escaped = value | replace('\\', '\\\\') | replace("'", "\\'") | replace('\n', '\\n') | replace('\r', '\\r') -%}
    {{- return("'" ~ escaped ~ "'") -}}
{% endmacro %}

{% macro spark__text_literal(value) %}
    {{- return("'" ~ (value | replace('\\', '\\\\') | replace("'", "\\'")) ~ "'") -}}
{% endmacro %}

{% macro databricks__text_literal(value) %}
    {{- return(aegis.spark__text_literal(value)) -}}
{% endmacro %}
