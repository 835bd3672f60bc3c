{#-
  A few keys of the rows that make `condition` true, as the text of a JSON array, taken while the scan runs.
  `keys` are identifiers already quoted. Several key columns give an array of arrays. Where the warehouse
  cannot bound such an aggregate the keys are left out (null): a sample is never worth a second scan here.
-#}
{% macro first_keys(keys, condition) %}
    {%- if not keys -%}
        {{- return('cast(null as ' ~ aegis.type_text() ~ ')') -}}
    {%- endif -%}
    {{- return(adapter.dispatch('first_keys', 'aegis')(keys, condition)) -}}
{% endmacro %}

{% macro default__first_keys(keys, condition) %}
    {{- return('cast(null as ' ~ aegis.type_text() ~ ')') -}}
{% endmacro %}

{#- min(x, 5) keeps five values in a heap: nearly free beside the scan. -#}
{% macro duckdb__first_keys(keys, condition) %}
    {%- set key = keys[0] if keys | length == 1 else '[' ~ (keys | join('::varchar, ')) ~ '::varchar]' -%}
    {{- return('to_json(min(' ~ key ~ ', 5) filter (where ' ~ condition ~ '))::varchar') -}}
{% endmacro %}

{#- No bounded list aggregate: the smallest and the largest failing key. -#}
{% macro postgres__first_keys(keys, condition) %}
    {%- set key = 'to_jsonb(' ~ keys[0] ~ ')' if keys | length == 1 else 'jsonb_build_array(' ~ (keys | join(', ')) ~ ')' -%}
    {%- set smallest = 'min((' ~ key ~ ')::text) filter (where ' ~ condition ~ ')' -%}
    {%- set largest = 'max((' ~ key ~ ')::text) filter (where ' ~ condition ~ ')' -%}
    {{- return("case when " ~ smallest ~ " = " ~ largest ~ " then '[' || " ~ smallest ~ " || ']' else '[' || "
        ~ smallest ~ " || ',' || " ~ largest ~ " || ']' end") -}}
{% endmacro %}

{% macro bigquery__first_keys(keys, condition) %}
    {%- set key = keys[0] if keys | length == 1 else 'to_json_string([' ~ (keys | join(', ')) ~ '])' -%}
    {{- return('to_json_string(array_agg(if(' ~ condition ~ ', ' ~ key ~ ', null) ignore nulls limit 5))') -}}
{% endmacro %}

{% macro spark__first_keys(keys, condition) %}
    {%- set key = keys[0] if keys | length == 1 else 'array(' ~ (keys | join(', ')) ~ ')' -%}
    {{- return('to_json(array_distinct(array(min(case when ' ~ condition ~ ' then ' ~ key ~ ' end), max(case when '
        ~ condition ~ ' then ' ~ key ~ ' end))))') -}}
{% endmacro %}

{% macro databricks__first_keys(keys, condition) %}
    {{- return(aegis.spark__first_keys(keys, condition)) -}}
{% endmacro %}
