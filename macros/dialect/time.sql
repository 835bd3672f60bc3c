{#-
  Moments, whatever the session's time zone is. A column has one of three kinds: an `instant` knows its own zone; what a
  `naive` timestamp or a `date` shows is the clock of `zone`, the rule's time_zone, else UTC. Nothing here may ask the
  session: no cast between the kinds, no current_date, no literal without an offset.
-#}

{#- The rule's zone. UTC has one spelling here: it costs no warehouse an extension. -#}
{% macro zone_of(rule) %}
    {%- set zone = rule['time_zone'] if rule['time_zone'] is defined and rule['time_zone'] is not none else 'UTC' -%}
    {{- return('UTC' if zone in ('Etc/UTC', 'UCT', 'Etc/UCT', 'Zulu', 'Etc/Zulu', 'Universal', 'Etc/Universal') else zone) -}}
{% endmacro %}

{#- date, naive or instant, by the warehouse's own name of a type. -#}
{% macro time_kind(type) %}
    {{- return(adapter.dispatch('aegis_time_kind', 'aegis')(type | lower)) -}}
{% endmacro %}

{% macro default__aegis_time_kind(type) %}
    {%- if type == 'date' -%}
        {{- return('date') -}}
    {%- elif ' with time zone' in type or 'timestamptz' in type or type.startswith('timestamp_tz') or type.startswith('timestamp_ltz')
        or type.startswith('timetz') -%}
        {{- return('instant') -}}
    {%- endif -%}
    {{- return('naive') -}}
{% endmacro %}

{% macro bigquery__aegis_time_kind(type) %}
    {{- return({'date': 'date', 'timestamp': 'instant'}[type] if type in ('date', 'timestamp') else 'naive') -}}
{% endmacro %}

{% macro spark__aegis_time_kind(type) %}
    {{- return({'date': 'date', 'timestamp_ntz': 'naive'}[type] if type in ('date', 'timestamp_ntz') else 'instant') -}}
{% endmacro %}

{% macro databricks__aegis_time_kind(type) %}
    {{- return(aegis.spark__aegis_time_kind(type)) -}}
{% endmacro %}

{#- What clocks in `zone` show at an instant, as a naive timestamp. -#}
{% macro clock_in(instant, zone) %}
    {{- return(adapter.dispatch('aegis_clock_in', 'aegis')(instant, "'" ~ (zone | replace("'", '')) ~ "'")) -}}
{% endmacro %}

{% macro default__aegis_clock_in(instant, zone) %}
    {{- return('cast(' ~ instant ~ ' at time zone ' ~ zone ~ ' as timestamp)') -}}
{% endmacro %}

{#- DuckDB's AT TIME ZONE belongs to the extension icu, which may not be at hand; UTC needs none. -#}
{% macro duckdb__aegis_clock_in(instant, zone) %}
    {%- if zone == "'UTC'" -%}
        {{- return('make_timestamp(epoch_us(' ~ instant ~ '))') -}}
    {%- endif -%}
    {{- return('(' ~ instant ~ ' at time zone ' ~ zone ~ ')') -}}
{% endmacro %}

{% macro bigquery__aegis_clock_in(instant, zone) %}
    {{- return('datetime(' ~ instant ~ ', ' ~ zone ~ ')') -}}
{% endmacro %}

{#- Counted from 1970: to_utc_timestamp and casts go through the clock of the session, which leaves hours out in spring. -#}
{% macro spark__aegis_clock_in(instant, zone) %}
    {%- set clock = "(timestamp_ntz'1970-01-01 00:00:00' + make_dt_interval(0, 0, 0, cast(unix_micros(" ~ instant ~ ') / 1000000 as decimal(18, 6))))' -%}
    {{- return(clock if zone == "'UTC'" else "convert_timezone('UTC', " ~ zone ~ ', ' ~ clock ~ ')') -}}
{% endmacro %}

{% macro databricks__aegis_clock_in(instant, zone) %}
    {{- return(aegis.spark__aegis_clock_in(instant, zone)) -}}
{% endmacro %}

{#-
  A value of any kind as what all kinds can be compared as: an instant, or where that needs less of the warehouse what
  clocks in UTC show.
-#}
{% macro on_one_clock(value, type, zone) %}
    {{- return(adapter.dispatch('aegis_on_one_clock', 'aegis')(value, aegis.time_kind(type), "'" ~ (zone | replace("'", '')) ~ "'")) -}}
{% endmacro %}

{#- WITH_TIMEZONE of Trino; its AT TIME ZONE would take the clock of the session. -#}
{% macro default__aegis_on_one_clock(value, kind, zone) %}
    {{- return(value if kind == 'instant' else 'with_timezone(cast(' ~ value ~ ' as timestamp), ' ~ zone ~ ')') -}}
{% endmacro %}

{% macro postgres__aegis_on_one_clock(value, kind, zone) %}
    {{- return(value if kind == 'instant' else '(cast(' ~ value ~ ' as timestamp) at time zone ' ~ zone ~ ')') -}}
{% endmacro %}

{#- epoch_us has no number for infinity, which a cast keeps. -#}
{% macro duckdb__aegis_on_one_clock(value, kind, zone) %}
    {%- if zone != "'UTC'" -%}
        {{- return(value if kind == 'instant' else '(cast(' ~ value ~ ' as timestamp) at time zone ' ~ zone ~ ')') -}}
    {%- elif kind == 'instant' -%}
        {{- return('case when isfinite(' ~ value ~ ') then make_timestamp(epoch_us(' ~ value ~ ')) else cast(' ~ value ~ ' as timestamp) end') -}}
    {%- endif -%}
    {{- return(value if kind == 'naive' else 'cast(' ~ value ~ ' as timestamp)') -}}
{% endmacro %}

{% macro bigquery__aegis_on_one_clock(value, kind, zone) %}
    {{- return(value if kind == 'instant' else 'timestamp(' ~ value ~ ', ' ~ zone ~ ')') -}}
{% endmacro %}

{% macro spark__aegis_on_one_clock(value, kind, zone) %}
    {%- if kind == 'instant' -%}
        {{- return(aegis.spark__aegis_clock_in(value, "'UTC'")) -}}
    {%- endif -%}
    {%- set clock = value if kind == 'naive' else 'cast(' ~ value ~ ' as timestamp_ntz)' -%}
    {{- return(clock if zone == "'UTC'" else 'convert_timezone(' ~ zone ~ ", 'UTC', " ~ clock ~ ')') -}}
{% endmacro %}

{% macro databricks__aegis_on_one_clock(value, kind, zone) %}
    {{- return(aegis.spark__aegis_on_one_clock(value, kind, zone)) -}}
{% endmacro %}

{#- Now, as a value that compares with a bare column of `type` (a date: today). -#}
{% macro now_as(type, zone='UTC') %}
    {%- set kind = aegis.time_kind(type) -%}
    {%- set now = adapter.dispatch('aegis_current_moment', 'aegis')() -%}
    {%- if kind == 'instant' -%}
        {{- return(now) -}}
    {%- endif -%}
    {%- set clock = aegis.clock_in(now, zone) -%}
    {{- return('cast(' ~ clock ~ ' as date)' if kind == 'date' else clock) -}}
{% endmacro %}

{% macro default__aegis_current_moment() %}
    {{- return('current_timestamp') -}}
{% endmacro %}

{% macro bigquery__aegis_current_moment() %}
    {{- return('current_timestamp()') -}}
{% endmacro %}

{% macro spark__aegis_current_moment() %}
    {{- return('current_timestamp()') -}}
{% endmacro %}

{% macro databricks__aegis_current_moment() %}
    {{- return('current_timestamp()') -}}
{% endmacro %}

{#- Minutes from a finite `value` (of `type`) to now, as a number; a date counts from its midnight. -#}
{% macro minutes_since(value, type, zone='UTC') %}
    {%- set moment = adapter.dispatch('aegis_within_centuries', 'aegis')(value) if aegis.time_kind(type) == 'date' else value -%}
    {{- return(adapter.dispatch('aegis_minutes_to_now', 'aegis')(aegis.on_one_clock(moment, type, zone))) -}}
{% endmacro %}

{% macro default__aegis_minutes_to_now(moment) %}
    {{- return("date_diff('second', " ~ moment ~ ', current_timestamp) / 60.0') -}}
{% endmacro %}

{% macro postgres__aegis_minutes_to_now(moment) %}
    {{- return('extract(epoch from (current_timestamp - ' ~ moment ~ ')) / 60') -}}
{% endmacro %}

{#- As a double: between the ends of a timestamp's range lie more microseconds than an integer has. -#}
{% macro duckdb__aegis_minutes_to_now(moment) %}
    {{- return('(epoch_us(current_timestamp)::double - epoch_us(' ~ moment ~ ')) / 60000000') -}}
{% endmacro %}

{% macro bigquery__aegis_minutes_to_now(moment) %}
    {{- return('timestamp_diff(current_timestamp(), ' ~ moment ~ ', second) / 60') -}}
{% endmacro %}

{% macro spark__aegis_minutes_to_now(moment) %}
    {{- return('(unix_micros(current_timestamp()) / 60000000 - (unix_date(cast(' ~ moment ~ ' as date)) * 1440 + hour(' ~ moment
        ~ ') * 60 + minute(' ~ moment ~ ') + second(' ~ moment ~ ') / 60))') -}}
{% endmacro %}

{% macro databricks__aegis_minutes_to_now(moment) %}
    {{- return(aegis.spark__aegis_minutes_to_now(moment)) -}}
{% endmacro %}

{#- Some warehouses have dates that no timestamp reaches: millions of years from now is as fresh as thousands. -#}
{% macro default__aegis_within_centuries(value) %}
    {{- return(value) -}}
{% endmacro %}

{% macro postgres__aegis_within_centuries(value) %}
    {{- return('least(' ~ value ~ ", date '9999-12-31')") -}}
{% endmacro %}

{% macro duckdb__aegis_within_centuries(value) %}
    {{- return('greatest(least(' ~ value ~ ", date '9999-12-31'), date '0001-01-01')") -}}
{% endmacro %}

{#- The moments among values that may be infinite: infinity is no time at which a row arrived. -#}
{% macro finite_moment(value) %}
    {{- return(adapter.dispatch('aegis_finite_moment', 'aegis')(value)) -}}
{% endmacro %}

{% macro default__aegis_finite_moment(value) %}
    {{- return(value) -}}
{% endmacro %}

{% macro postgres__aegis_finite_moment(value) %}
    {{- return('case when isfinite(' ~ value ~ ') then ' ~ value ~ ' end') -}}
{% endmacro %}

{% macro duckdb__aegis_finite_moment(value) %}
    {{- return('case when isfinite(' ~ value ~ ') then ' ~ value ~ ' end') -}}
{% endmacro %}

{#- A moment as text: ISO, an instant in UTC and with its offset. -#}
{% macro moment_text(value, type, dialect) %}
    {{- return(adapter.dispatch('aegis_moment_text', 'aegis')(value, aegis.time_kind(type), dialect)) -}}
{% endmacro %}

{% macro default__aegis_moment_text(value, kind, dialect) %}
    {{- return('cast(' ~ (value ~ " at time zone 'UTC'" if kind == 'instant' else value) ~ ' as ' ~ dialect['text'] ~ ')') -}}
{% endmacro %}

{#- JSON has one way to write a time, whatever DateStyle says. -#}
{% macro postgres__aegis_moment_text(value, kind, dialect) %}
    {%- set clock = value ~ " at time zone 'UTC'" if kind == 'instant' else value -%}
    {{- return("(replace(jsonb_build_array(" ~ clock ~ ") ->> 0, 'T', ' ')" ~ (" || case when isfinite(" ~ value ~ ") then '+00' else '' end" if kind == 'instant' else '') ~ ')') -}}
{% endmacro %}

{% macro duckdb__aegis_moment_text(value, kind, dialect) %}
    {%- if kind == 'instant' -%}
        {{- return('case when isfinite(' ~ value ~ ') then make_timestamp(epoch_us(' ~ value ~ "))::varchar || '+00' else " ~ value ~ '::varchar end') -}}
    {%- endif -%}
    {{- return('cast(' ~ value ~ ' as varchar)') -}}
{% endmacro %}

{% macro bigquery__aegis_moment_text(value, kind, dialect) %}
    {{- return('string(' ~ value ~ ", 'UTC')" if kind == 'instant' else 'cast(' ~ value ~ ' as string)') -}}
{% endmacro %}

{% macro spark__aegis_moment_text(value, kind, dialect) %}
    {{- return('concat(cast(' ~ aegis.spark__aegis_clock_in(value, "'UTC'") ~ " as string), '+00')" if kind == 'instant' else 'cast(' ~ value ~ ' as string)') -}}
{% endmacro %}

{% macro databricks__aegis_moment_text(value, kind, dialect) %}
    {{- return(aegis.spark__aegis_moment_text(value, kind, dialect)) -}}
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
