{#-
  A date or timestamp of a rules file (ISO text) as a literal that compares with the bare `column`. What has no offset
  is read on the clock of `zone`, never on the session's; what has one is the instant that it says, on that clock where
  the column is naive. Such casts of constants are folded: partitions are still pruned.
-#}
{% macro moment_literal(value, column, dialect, zone) %}
    {%- set day = value.strip()[:10] -%}
    {%- set rest = value.strip()[10:] | replace('T', ' ') | replace('t', ' ') | trim -%}
    {%- set rest = rest[:-1] ~ '+00:00' if rest.endswith('Z') or rest.endswith('z') else rest -%}
    {#- After the clock, an offset or the name of a zone. -#}
    {%- set offset = '+' in rest or '-' in rest or ' ' in rest -%}
    {%- set kind = aegis.time_kind(column['type']) -%}
    {%- set type = adapter.dispatch('aegis_moment_type', 'aegis')(column['type'], kind) -%}
    {%- if kind == 'instant' -%}
        {%- set text = day ~ ' ' ~ (rest or '00:00:00') ~ ('' if offset else '+00:00' if zone == 'UTC' else ' ' ~ zone) -%}
        {{- return('cast(' ~ aegis.text_literal(text, dialect) ~ ' as ' ~ type ~ ')') -}}
    {%- elif offset and not (zone == 'UTC' and rest.endswith('+00:00')) -%}
        {%- set clock = aegis.clock_in('cast(' ~ aegis.text_literal(day ~ ' ' ~ rest, dialect) ~ ' as ' ~ adapter.dispatch('aegis_instant_type', 'aegis')() ~ ')', zone) -%}
        {{- return(clock) -}}
    {%- endif -%}
    {%- set clock = rest.split('+')[0] if offset else rest -%}
    {#- A date is compared with a time of the day as the midnight that it begins with. -#}
    {%- if kind == 'date' and clock | replace('0', '') | replace(':', '') | replace('.', '') -%}
        {%- set type = adapter.dispatch('aegis_naive_type', 'aegis')() -%}
    {%- elif kind == 'date' -%}
        {%- set clock = '' -%}
    {%- endif -%}
    {{- return('cast(' ~ aegis.text_literal(day ~ (' ' ~ clock if clock else ''), dialect) ~ ' as ' ~ type ~ ')') -}}
{% endmacro %}

{#- The day of a moment of ours (UTC), for a column of dates: rows of that day are from after it too. -#}
{% macro day_literal(value, column, dialect, zone) %}
    {%- if zone == 'UTC' -%}
        {{- return('cast(' ~ aegis.text_literal(value[:10], dialect) ~ ' as date)') -}}
    {%- endif -%}
    {{- return('cast(' ~ aegis.moment_literal(value, column, dialect, zone) ~ ' as date)') -}}
{% endmacro %}

{#- The type that a literal takes: the column's own, but never one that would round it. -#}
{% macro default__aegis_moment_type(type, kind) %}
    {{- return(type) -}}
{% endmacro %}

{% macro duckdb__aegis_moment_type(type, kind) %}
    {{- return('timestamp_ns' if type | lower == 'timestamp_ns' else {'date': 'date', 'naive': 'timestamp', 'instant': 'timestamptz'}[kind]) -}}
{% endmacro %}

{% macro postgres__aegis_moment_type(type, kind) %}
    {{- return({'date': 'date', 'naive': 'timestamp', 'instant': 'timestamptz'}[kind]) -}}
{% endmacro %}

{% macro default__aegis_instant_type() %}
    {{- return('timestamp with time zone') -}}
{% endmacro %}

{% macro bigquery__aegis_instant_type() %}
    {{- return('timestamp') -}}
{% endmacro %}

{% macro spark__aegis_instant_type() %}
    {{- return('timestamp') -}}
{% endmacro %}

{% macro databricks__aegis_instant_type() %}
    {{- return('timestamp') -}}
{% endmacro %}

{% macro default__aegis_naive_type() %}
    {{- return('timestamp') -}}
{% endmacro %}

{% macro bigquery__aegis_naive_type() %}
    {{- return('datetime') -}}
{% endmacro %}

{% macro spark__aegis_naive_type() %}
    {{- return('timestamp_ntz') -}}
{% endmacro %}

{% macro databricks__aegis_naive_type() %}
    {{- return('timestamp_ntz') -}}
{% endmacro %}
