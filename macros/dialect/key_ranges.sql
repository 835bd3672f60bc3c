{#-
  Smallest and largest value of integer columns, where the warehouse can tell without reading the table:
  {column name: [lowest, highest]}, or {} where it cannot. `facts` is one entry of relation_facts.
  They make exact uniqueness of dense integers ten times cheaper (see distinct_values).
-#}
{% macro key_ranges(relation, columns, facts) %}
    {{- return(adapter.dispatch('key_ranges', 'aegis')(relation, columns, facts)) -}}
{% endmacro %}

{% macro default__key_ranges(relation, columns, facts) %}
    {{- return({}) -}}
{% endmacro %}

{#- Only for a base table (a view has no zone maps: `rows` is none), and only where it is worth a query. -#}
{% macro duckdb__key_ranges(relation, columns, facts) %}
    {%- set ranges = {} -%}
    {%- set integers = [] -%}
    {%- for column in facts['columns'] if column['name'] in columns
        and column['type'] | lower in ('tinyint', 'smallint', 'integer', 'bigint', 'utinyint', 'usmallint', 'uinteger') -%}
        {%- do integers.append(column['name']) -%}
    {%- endfor -%}
    {%- if integers and facts['rows'] is not none and facts['rows'] >= 50000 -%}
        {%- set bounds = [] -%}
        {%- for name in integers -%}
            {%- do bounds.append('min(' ~ aegis.quoted(name) ~ ')::bigint, max(' ~ aegis.quoted(name) ~ ')::bigint') -%}
        {%- endfor -%}
        {%- set row = run_query('select ' ~ (bounds | join(', ')) ~ ' from ' ~ relation).rows[0] -%}
        {%- for name in integers if row[2 * loop.index0] is not none
            and row[2 * loop.index0 + 1] - row[2 * loop.index0] <= 64 * facts['rows']
            and row[2 * loop.index0 + 1] - row[2 * loop.index0] < 1000000000 -%}
            {%- do ranges.update({name: [row[2 * loop.index0] | int, row[2 * loop.index0 + 1] | int]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(ranges) -}}
{% endmacro %}
