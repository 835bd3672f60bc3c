{#-
  How distinct combinations of `columns` are counted within the one scan of the table:
  {'value': what goes through the scan, 'count': the aggregate over it, whose name in the scan is `name`}, or none
  where a separate GROUP BY is faster. Rows outside `scope` and, unless nulls_equal, NULLs do not count.
  `ranges` is {column name: [lowest, highest]} of integer columns, where known (see key_ranges).
-#}
{% macro distinct_values(columns, scope, ranges, nulls_equal, name) %}
    {{- return(adapter.dispatch('distinct_values', 'aegis')(columns, scope, ranges, nulls_equal, name)) -}}
{% endmacro %}

{% macro default__distinct_values(columns, scope, ranges, nulls_equal, name) %}
    {%- if nulls_equal or columns | length > 1 -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return({'value': aegis.within(scope, columns[0]['sql']), 'count': 'count(distinct ' ~ name ~ ')'}) -}}
{% endmacro %}

{#-
  A bit for each combination that the ranges allow: exact, and no hash table. A NULL that counts as a value has a
  place of its own, behind the others.
-#}
{% macro duckdb__distinct_values(columns, scope, ranges, nulls_equal, name) %}
    {%- set places = [] -%}
    {%- set size = [1] -%}
    {%- for column in columns if column['name'] in ranges -%}
        {%- set low = ranges[column['name']][0] -%}
        {%- set span = ranges[column['name']][1] - low + 1 -%}
        {%- set place = '(' ~ column['sql'] ~ '::bigint - ' ~ ('(' ~ low ~ ')' if low < 0 else low) ~ ')' -%}
        {%- do places.append(('coalesce(' ~ place ~ ', ' ~ span ~ ')' if nulls_equal else place) ~ (' * ' ~ size[-1] if size[-1] > 1 else '')) -%}
        {%- do size.append(size[-1] * (span + 1 if nulls_equal else span)) -%}
    {%- endfor -%}
    {%- if places | length == columns | length and size[-1] <= ranges['']['most'] -%}
        {{- return({'value': aegis.within(scope, places | join(' + ')),
            'count': 'coalesce(bit_count(bitstring_agg(' ~ name ~ ', 0, ' ~ (size[-1] - 1) ~ ')), 0)'}) -}}
    {%- endif -%}
    {{- return(aegis.default__distinct_values(columns, scope, ranges, nulls_equal, name)) -}}
{% endmacro %}

{#- PostgreSQL sorts for count(distinct), and hashes for GROUP BY. -#}
{% macro postgres__distinct_values(columns, scope, ranges, nulls_equal, name) %}
    {{- return(none) -}}
{% endmacro %}

{#- A value that is NULL outside `scope`. -#}
{% macro within(scope, value) %}
    {{- return('case when ' ~ scope ~ ' then ' ~ value ~ ' end' if scope else value) -}}
{% endmacro %}
