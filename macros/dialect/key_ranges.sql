{#-
  Smallest and largest value of integer columns, where the warehouse tells without reading the table and it is of use
  (see distinct_places): {column name: {'low', 'high'}, '': {'rows', 'most': the longest range worth a bit for each
  value}}, or {}. `facts` is one entry of relation_facts.
-#}
{% macro key_ranges(relation, names, facts, dialect) %}
    {{- return(adapter.dispatch('aegis_key_ranges', 'aegis')(relation, names, facts, dialect)) -}}
{% endmacro %}

{% macro default__aegis_key_ranges(relation, names, facts, dialect) %}
    {{- return({}) -}}
{% endmacro %}

{#-
  A table keeps both in its statistics; a view would have to be read (its `rows` is none). 64 bits a row cost less
  than hashing it, from some ten thousand rows on.
-#}
{% macro duckdb__aegis_key_ranges(relation, names, facts, dialect) %}
    {%- set ranges = {} -%}
    {%- if facts['rows'] is none or facts['rows'] < 50000 -%}
        {{- return(ranges) -}}
    {%- endif -%}
    {%- set most = [64 * facts['rows'], 1000000000] | min -%}
    {%- set integers = [] -%}
    {%- set bounds = [] -%}
    {%- for column in facts['columns'] if column['name'] in names
        and column['type'] in ('INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'UINTEGER', 'USMALLINT', 'UTINYINT') -%}
        {%- set name = aegis.quoted(column['name'], dialect) -%}
        {%- do integers.append(column['name']) -%}
        {#- As text: dbt turns a column of numbers that are all small into something else. -#}
        {%- do bounds.append('min(' ~ name ~ ')::varchar, max(' ~ name ~ ')::varchar') -%}
    {%- endfor -%}
    {%- if integers -%}
        {%- set row = run_query('select ' ~ (bounds | join(', ')) ~ ' from ' ~ relation).rows[0] -%}
        {%- for name in integers -%}
            {%- set low = row[2 * loop.index0] -%}
            {%- set high = row[2 * loop.index0 + 1] -%}
            {%- if low is not none and (high | int) - (low | int) < most -%}
                {%- do ranges.update({name: {'low': low | int, 'high': high | int}}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do ranges.update({'': {'rows': facts['rows'], 'most': most}}) -%}
    {%- endif -%}
    {{- return(ranges) -}}
{% endmacro %}
