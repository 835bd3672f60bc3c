{#-
  A way to tell within the scan of the table that combinations of `columns` are distinct, or none where a GROUP BY is
  the only one: {'value': what goes through the scan (NULL outside `scope`), 'count': the aggregate over it, which
  `name` stands for, 'bucket'? and 'crowded'?}. The count is never above the number of distinct combinations. `ranges`
  is what key_ranges found. If it does not tell, only some of the rows need grouping: those without a value, and those
  whose `bucket` is `crowded`, an aggregate over the rows that are checked.
  Which macro is asked is said in dialect.sql.
-#}
{% macro default__aegis_distinct_places(columns, scope, ranges, name) %}
    {{- return(none) -}}
{% endmacro %}

{#-
  DuckDB: a bit for each value that integers can have, counted in a tenth of the time that hashing takes. Several
  columns make one number as digits do; where that is too long a number, a column of which alone all values may differ
  proves as much. A value that has left its range since then is not counted. A bucket is 32 neighbours, each a bit of
  one integer: where values lie close enough for that, two million rows with a thousand duplicates are grouped in a
  quarter of the time. Below 200,000 rows to plan for it costs more than it saves.
-#}
{% macro duckdb__aegis_distinct_places(columns, scope, ranges, name) %}
    {%- set conditions = [scope] if scope else [] -%}
    {%- set number = {'place': '', 'size': 1} -%}
    {%- set alone = {} -%}
    {%- for column in columns if column['name'] in ranges -%}
        {%- set low = ranges[column['name']]['low'] -%}
        {%- set high = ranges[column['name']]['high'] -%}
        {%- set span = high - low + 1 -%}
        {%- set inside = column['sql'] ~ ' between ' ~ low ~ ' and ' ~ high -%}
        {%- set place = '(' ~ column['sql'] ~ '::bigint - (' ~ low ~ '))' -%}
        {%- do conditions.append(inside) -%}
        {%- do number.update({'place': (place ~ ' * ' ~ number['size'] ~ ' + ' ~ number['place'] if number['place'] else place), 'size': number['size'] * span}) -%}
        {%- if span >= ranges['']['rows'] -%}
            {%- do alone.update({'place': place, 'size': span, 'conditions': ([scope] if scope else []) + [inside]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if conditions | length == columns | length + (1 if scope else 0) and number['size'] <= ranges['']['most'] -%}
        {%- do alone.update({'place': number['place'], 'size': number['size'], 'conditions': conditions}) -%}
    {%- endif -%}
    {%- if not alone -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set value = 'case when ' ~ (alone['conditions'] | join(' and ')) ~ ' then ' ~ alone['place'] ~ ' end' -%}
    {%- set places = {'value': value, 'count': 'bit_count(bitstring_agg(' ~ name ~ ', 0, ' ~ (alone['size'] - 1) ~ '))'} -%}
    {%- if alone['place'] == number['place'] and ranges['']['rows'] >= 200000 and alone['size'] // 32 <= ranges['']['rows'] // 8 -%}
        {%- do places.update({'bucket': '(' ~ value ~ ') >> 5', 'crowded': 'count(*) > bit_count(bit_or(1::bigint << ((' ~ value ~ ') & 31)))'}) -%}
    {%- endif -%}
    {{- return(places) -}}
{% endmacro %}

{#- A value that is NULL outside `scope`. -#}
{% macro within(scope, value) %}
    {{- return('case when ' ~ scope ~ ' then ' ~ value ~ ' end' if scope else value) -}}
{% endmacro %}
