{#-
  A way to tell within the scan of the table that combinations of `columns` are distinct, or none where a GROUP BY is
  the only one: {'given': a select of one row, 'value': what goes through the scan (it may refer to the row by the
  name `given`; NULL outside `scope`), 'count': the aggregate over it, which `name` stands for}. The count is never
  above the number of distinct combinations, and NULL where it was not worth it.
-#}
{% macro distinct_places(columns, scope, relation, given, name) %}
    {{- return(adapter.dispatch('distinct_places', 'aegis')(columns, scope, relation, given, name)) -}}
{% endmacro %}

{% macro default__distinct_places(columns, scope, relation, given, name) %}
    {{- return(none) -}}
{% endmacro %}

{#-
  DuckDB: a bit for each value that an integer can have, counted in a tenth of the time that hashing takes. Smallest
  and largest value stand in a table's statistics, so the range costs nothing. It pays from some ten thousand rows on,
  for no more than 64 bits a row, and no more than 2^24 (2 MB). Several columns make one number as digits do; where
  that is too long a number, a column of which alone all values may differ proves as much.
-#}
{% macro duckdb__distinct_places(columns, scope, relation, given, name) %}
    {%- set bounds = [] -%}
    {%- set spans = [] -%}
    {%- set places = [] -%}
    {%- set product = [] -%}
    {%- for column in columns if column['type'] in ('INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'UINTEGER', 'USMALLINT', 'UTINYINT') -%}
        {%- set n = loop.index0 | string -%}
        {%- do bounds.append('min(' ~ column['sql'] ~ ')::bigint as low_' ~ n ~ ', max(' ~ column['sql'] ~ ')::bigint as high_' ~ n) -%}
        {%- do spans.append('high_' ~ n ~ '::double - low_' ~ n ~ ' + 1 as span_' ~ n) -%}
        {%- do product.append('span_' ~ n) -%}
        {%- do places.append('(' ~ column['sql'] ~ '::bigint - ' ~ given ~ '.low_' ~ n ~ ')') -%}
    {%- endfor -%}
    {%- if not places or relation is string -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set ways = [] -%}
    {%- set values = [] -%}
    {%- if places | length == columns | length -%}
        {%- do ways.append('when ' ~ (product | join(' * ')) ~ ' <= most then 0') -%}
        {%- set number = [places[0]] -%}
        {%- for place in places[1:] -%}
            {%- do number.append('(' ~ number[-1] ~ ' * ' ~ given ~ '.span_' ~ loop.index ~ '::bigint + ' ~ place ~ ')') -%}
        {%- endfor -%}
        {%- do values.append('when 0 then ' ~ number[-1]) -%}
    {%- endif -%}
    {%- for place in places if columns | length > 1 -%}
        {%- do ways.append('when span_' ~ loop.index0 ~ ' between rows_in_all and most then ' ~ loop.index) -%}
        {%- do values.append('when ' ~ loop.index ~ ' then ' ~ place) -%}
    {%- endfor -%}
    {{- return({
        'given': 'select *, case when rows_in_all < 50000 then null ' ~ (ways | join(' ')) ~ ' end as way from (select *, least(64 * rows_in_all, 16777216) as most, '
            ~ (spans | join(', ')) ~ ' from (select count(*) as rows_in_all, ' ~ (bounds | join(', ')) ~ ' from ' ~ relation ~ '))',
        'value': 'case ' ~ ('when ' ~ scope ~ ' then case ' if scope else '') ~ given ~ '.way ' ~ (values | join(' ')) ~ (' end end' if scope else ' end'),
        'count': 'bit_count(bitstring_agg(' ~ name ~ ', 0, 16777215))'}) -}}
{% endmacro %}

{#- A value that is NULL outside `scope`. -#}
{% macro within(scope, value) %}
    {{- return('case when ' ~ scope ~ ' then ' ~ value ~ ' end' if scope else value) -}}
{% endmacro %}
