{#- Values from rules, as the column that they are compared with reads them. -#}

{#-
  A value as SQL that compares with `column`, or none where the column's type cannot read it: a text that holds a
  number is a number to a number column, 't' is true to a boolean. With `exact` a number is first made one of the
  column's own floats, as it is when it is stored: 0.1 equals a `real` that was 0.1. `zone` is the rule's (see
  moment_literal).
-#}
{% macro value_sql(value, column, dialect, zone='UTC', exact=false) %}
    {%- set family = column['family'] -%}
    {%- if value is integer and family == 'number' and 'HUGE' not in column['type'] -%}
        {{- return(value | string) -}}
    {%- elif value is string -%}
        {%- if family in ('text', 'unknown') -%}
            {{- return(aegis.literal(value, column, dialect)) -}}
        {%- elif family == 'number' or family == 'float' -%}
            {%- if aegis.is_decimal(value) -%}
                {{- return(aegis.value_sql({'decimal': value | trim}, column, dialect, zone, exact)) -}}
            {%- elif value | trim | lower in ('nan', 'infinity', '-infinity', 'inf', '-inf') and (family == 'float' or dialect['text'] == 'text' and column['type'].startswith('numeric')) -%}
                {{- return("cast('" ~ (value | trim) ~ "' as " ~ ('numeric' if family == 'number' else column['type']) ~ ')') -}}
            {%- endif -%}
        {%- elif family == 'boolean' -%}
            {%- set word = value | trim | lower -%}
            {{- return('true' if word in ('true', 't', 'yes', 'y', 'on', '1') else ('false' if word in ('false', 'f', 'no', 'n', 'off', '0') else none)) -}}
        {%- elif family == 'temporal' and aegis.is_moment(value) -%}
            {{- return(aegis.literal(value | trim, column, dialect, zone)) -}}
        {%- elif family == 'time' and aegis.is_time_of_day(value) -%}
            {{- return(aegis.literal(value, column, dialect)) -}}
        {%- endif -%}
        {{- return(none) -}}
    {%- elif value is boolean -%}
        {{- return(aegis.literal(value, column, dialect) if family in ('boolean', 'unknown') else none) -}}
    {%- elif value is mapping or value is number -%}
        {%- set number = aegis.whole_literal(aegis.literal(value, column, dialect), column) -%}
        {{- return(none if family not in ('number', 'float', 'unknown') else ('cast(' ~ number ~ ' as ' ~ column['type'] ~ ')' if exact and family == 'float' else number)) -}}
    {%- endif -%}
    {#- A date that YAML has read, in a schema file. -#}
    {{- return(none if value is none else aegis.value_sql(value | string, column, dialect, zone, exact)) -}}
{% endmacro %}

{#- DuckDB reads a number of 39 digits as a float, unless it is told that it is one of the column's own integers. -#}
{% macro whole_literal(number, column) %}
    {%- set most = {'HUGEINT': '170141183460469231731687303715884105727', 'UHUGEINT': '340282366920938463463374607431768211455'} -%}
    {%- set digits = number | replace('-', '') -%}
    {{- return("cast('" ~ number ~ "' as " ~ column['type'] ~ ')' if digits | length == 39 and column['type'] in most and digits <= most[column['type']]
        and '.' not in digits else number) -}}
{% endmacro %}

{#- Why a value cannot be compared with a column, and what to do about it. -#}
{% macro not_comparable(column, value) %}
    {%- set advice = '' -%}
    {%- if column['family'] == 'text' and value is not string -%}
        {%- set advice = '; in quotes it is a text' -%}
    {%- elif column['family'] == 'temporal' -%}
        {%- set advice = '; write it as 2024-01-31 or 2024-01-31 10:00:00' -%}
    {%- elif column['family'] == 'time' -%}
        {%- set advice = '; write it as 09:30 or 09:30:00' -%}
    {%- endif -%}
    {{- return('column "' ~ column['name'] ~ '" is ' ~ aegis.told_type(column) ~ ' and cannot be compared with ' ~ aegis.shown(value) ~ advice) -}}
{% endmacro %}

{#- Does the text hold a decimal number, as SQL writes one? -#}
{% macro is_decimal(text) %}
    {%- set parts = (text | trim | lower).split('e') -%}
    {%- set number = parts[0][1:] if parts[0][:1] in ('-', '+') else parts[0] -%}
    {%- set power = '0' if parts | length == 1 else (parts[1][1:] if parts[1][:1] in ('-', '+') else parts[1]) -%}
    {%- set digits = number.split('.') -%}
    {{- return(parts | length <= 2 and digits | length <= 2 and (number | replace('.', '')) != '' and aegis.all_digits(number | replace('.', ''))
        and power | length <= 3 and aegis.all_digits(power)) -}}
{% endmacro %}

{% macro all_digits(text) %}
    {{- return(text != '' and text.strip('0123456789') == '') -}}
{% endmacro %}

{#- Is the text a date (2024-01-31) that there is, or such a date and a time of day, with or without an offset? -#}
{% macro is_moment(text) %}
    {%- set whole = text | trim -%}
    {%- set year = whole[:4] -%}
    {%- set month = whole[5:7] -%}
    {%- set day = whole[8:10] -%}
    {%- if not (aegis.all_digits(year ~ month ~ day) and (year ~ month ~ day) | length == 8 and whole[4:5] == '-' and whole[7:8] == '-') or month | int not in range(1, 13) -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set leap = year | int % 4 == 0 and (year | int % 100 != 0 or year | int % 400 == 0) -%}
    {%- set days = 29 if month == '02' and leap else [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][(month | int) - 1] -%}
    {%- if year == '0000' or day | int not in range(1, days + 1) -%}
        {{- return(false) -}}
    {%- endif -%}
    {{- return(whole | length == 10 or whole[10:11] in (' ', 'T') and aegis.is_time_of_day(whole[11:])) -}}
{% endmacro %}

{#- 09:30, 09:30:15.25, with or without an offset from UTC. -#}
{% macro is_time_of_day(text) %}
    {%- set whole = text | trim | replace('Z', '') | replace('z', '') -%}
    {%- set clock = whole.split('+')[0].split('-')[0] | trim -%}
    {%- set parts = clock.split(':') -%}
    {%- set offset = whole[clock | length:] | trim -%}
    {%- set seconds = (parts[2] if parts | length == 3 else '00').split('.') -%}
    {{- return(parts | length in (2, 3) and parts[0] | length == 2 and parts[1] | length == 2 and aegis.all_digits(parts[0] ~ parts[1])
        and (parts[0] | int) < 24 and (parts[1] | int) < 60 and seconds | length <= 2 and seconds[0] | length == 2 and aegis.all_digits(seconds | join(''))
        and (seconds[0] | int) < 60 and (offset == '' or offset | length in (3, 5, 6) and aegis.all_digits(offset[1:] | replace(':', '')))) -}}
{% endmacro %}
