{#- Now, in UTC, as a value that compares with a column of `type` (a date: today). -#}
{% macro now_as(type) %}
    {{- return(adapter.dispatch('aegis_now_as', 'aegis')(type | lower)) -}}
{% endmacro %}

{% macro default__aegis_now_as(type) %}
    {%- if type == 'date' -%}
        {{- return("cast(current_timestamp at time zone 'UTC' as date)") -}}
    {%- elif 'time zone' in type or 'tz' in type -%}
        {{- return('current_timestamp') -}}
    {%- endif -%}
    {{- return("cast(current_timestamp at time zone 'UTC' as timestamp)") -}}
{% endmacro %}

{#-
  DuckDB's AT TIME ZONE belongs to an extension that may not be at hand; epoch_us needs none, and shifting by it
  gives UTC whatever the session's time zone is.
-#}
{% macro duckdb__aegis_now_as(type) %}
    {%- if type == 'date' -%}
        {{- return('cast(make_timestamp(epoch_us(current_timestamp)) as date)') -}}
    {%- elif 'time zone' in type -%}
        {{- return('current_timestamp') -}}
    {%- endif -%}
    {{- return('make_timestamp(epoch_us(current_timestamp))') -}}
{% endmacro %}

{% macro bigquery__aegis_now_as(type) %}
    {{- return({'date': 'current_date()', 'datetime': 'current_datetime()'}[type] if type in ('date', 'datetime') else 'current_timestamp()') -}}
{% endmacro %}

{#- Spark timestamps are instants; ask for a UTC session to compare dates in UTC. -#}
{% macro spark__aegis_now_as(type) %}
    {{- return("to_date(to_utc_timestamp(current_timestamp(), current_timezone()))" if type == 'date' else 'current_timestamp()') -}}
{% endmacro %}

{% macro databricks__aegis_now_as(type) %}
    {{- return(aegis.spark__aegis_now_as(type)) -}}
{% endmacro %}

{#- Minutes from `value` (of `type`) to now, as a number. -#}
{% macro minutes_since(value, type) %}
    {{- return(adapter.dispatch('aegis_minutes_since', 'aegis')(value, type | lower)) -}}
{% endmacro %}

{% macro default__aegis_minutes_since(value, type) %}
    {%- set now = aegis.now_as('timestamp' if type == 'date' else type) -%}
    {{- return('extract(epoch from (' ~ now ~ ' - cast(' ~ value ~ ' as ' ~ ('timestamp' if type == 'date' else type) ~ '))) / 60') -}}
{% endmacro %}

{% macro duckdb__aegis_minutes_since(value, type) %}
    {{- return('(epoch_us(current_timestamp) - epoch_us(' ~ value ~ ')) / 60000000.0') -}}
{% endmacro %}

{% macro bigquery__aegis_minutes_since(value, type) %}
    {{- return('timestamp_diff(current_timestamp(), cast(' ~ value ~ ' as timestamp), second) / 60') -}}
{% endmacro %}

{% macro athena__aegis_minutes_since(value, type) %}
    {{- return("date_diff('second', cast(" ~ value ~ " as timestamp), cast(current_timestamp at time zone 'UTC' as timestamp)) / 60.0") -}}
{% endmacro %}

{% macro spark__aegis_minutes_since(value, type) %}
    {{- return('(unix_timestamp(current_timestamp()) - unix_timestamp(cast(' ~ value ~ ' as timestamp))) / 60') -}}
{% endmacro %}

{% macro databricks__aegis_minutes_since(value, type) %}
    {{- return(aegis.spark__aegis_minutes_since(value, type)) -}}
{% endmacro %}

{#- A scalar subquery for when a table was last modified, or none where the warehouse does not keep it. -#}
{% macro last_modified(relation, dialect) %}
    {{- return(adapter.dispatch('aegis_last_modified', 'aegis')(relation, dialect)) -}}
{% endmacro %}

{% macro default__aegis_last_modified(relation, dialect) %}
    {{- return(none) -}}
{% endmacro %}

{% macro bigquery__aegis_last_modified(relation, dialect) %}
    {{- return('select timestamp_millis(last_modified_time) from ' ~ aegis.quoted(relation.database, dialect) ~ '.'
        ~ aegis.quoted(relation.schema, dialect) ~ '.__TABLES__ where table_id = ' ~ aegis.text_literal(relation.identifier, dialect)) -}}
{% endmacro %}
