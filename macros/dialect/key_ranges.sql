{#-
  Smallest and largest value of integer columns, where the warehouse can tell without reading the table:
  {column name: [lowest, highest], '': {'most': the largest product of ranges that is worth a bit for each value}},
  or {} where it cannot. `facts` is one entry of relation_facts.
  They make exact uniqueness of dense integers ten times cheaper (see distinct_values).
-#}
{% macro key_ranges(relation, columns, facts, dialect) %}
    {{- return(adapter.dispatch('key_ranges', 'aegis')(relation, columns, facts, dialect)) -}}
{% endmacro %}

{% macro default__key_ranges(relation, columns, facts, dialect) %}
    {{- return({}) -}}
{% endmacro %}

{#- Only for a base table (a view has no zone maps: `rows` is none), and only where it is worth a query. -#}
{% macro duckdb__key_ranges(relation, columns, facts, dialect) %}
    {%- set ranges = {} -%}
    {%- set integers = [] -%}
    {%- if facts['rows'] is not none and facts['rows'] >= 50000 -%}
        {%- for column in facts['columns'] if column['name'] in columns
            and column['type'] | lower in ('tinyint', 'smallint', 'integer', 'bigint', 'utinyint', 'usmallint', 'uinteger') -%}
            {%- do integers.append(column['name']) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if integers -%}
        {%- set most = [64 * facts['rows'], 1000000000] | min -%}
        {%- set bounds = [] -%}
        {%- for name in integers -%}
            {%- set column = aegis.quoted(name, dialect) -%}
            {%- do bounds.append('min(' ~ column ~ ')::bigint, max(' ~ column ~ ')::bigint') -%}
        {%- endfor -%}
        {%- set row = run_query('select ' ~ (bounds | join(', ')) ~ ' from ' ~ relation).rows[0] -%}
        {%- for name in integers -%}
            {%- set low = row[2 * loop.index0] -%}
            {%- set high = row[2 * loop.index0 + 1] -%}
            {#- Python's integers do not end; those of dbt 2 do, at 128 bits. -#}
            {%- if low is not none and (high | int) - (low | int) < most -%}
                {%- do ranges.update({name: [low | int, high | int]}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do ranges.update({'': {'most': most}}) -%}
    {%- endif -%}
    {{- return(ranges) -}}
{% endmacro %}
