{#-
  What the warehouse knows of some relations without reading a row:
  {key: {'columns': [{'name', 'type'}], 'rows': estimate or none}}, for `relations` = {key: relation}.
  A relation that is not there has no columns.
-#}
{% macro relation_facts(relations) %}
    {{- return(adapter.dispatch('relation_facts', 'aegis')(relations)) -}}
{% endmacro %}

{% macro default__relation_facts(relations) %}
    {%- set facts = {} -%}
    {%- for key, relation in relations.items() -%}
        {%- do facts.update({key: {'columns': aegis.columns_by_adapter(relation), 'rows': none}}) -%}
    {%- endfor -%}
    {{- return(facts) -}}
{% endmacro %}

{% macro columns_by_adapter(relation) %}
    {%- set columns = [] -%}
    {#- A `where` on a generic test turns its relation into a subquery, which only a query can describe. -#}
    {%- if relation is string -%}
        {%- set found = adapter.get_column_schema_from_query('select * from ' ~ relation) -%}
    {%- else -%}
        {%- set found = adapter.get_columns_in_relation(relation) -%}
    {%- endif -%}
    {%- for column in found -%}
        {%- do columns.append({'name': column.name, 'type': column.data_type}) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{% endmacro %}

{#-
  DuckDB: one catalog query for all relations (the adapter's own look-up is one query each), which also tells
  how large a table is. What the catalog does not hold (a file, a subquery) is described.
-#}
{% macro duckdb__relation_facts(relations) %}
    {%- set facts = {} -%}
    {%- set named = [] -%}
    {%- for key, relation in relations.items() -%}
        {%- do facts.update({key: {'columns': [], 'rows': none}}) -%}
        {%- if relation is not string and relation.identifier -%}
            {%- do named.append('(' ~ aegis.text_literal(key) ~ ', ' ~ aegis.text_literal(relation.database) ~ ', '
                ~ aegis.text_literal(relation.schema) ~ ', ' ~ aegis.text_literal(relation.identifier) ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if named -%}
        {%- set catalog -%}
            select wanted.key, c.column_name, c.data_type, t.estimated_size
            from (values {{ named | join(', ') }}) as wanted (key, database_name, schema_name, table_name)
            join duckdb_columns() as c
                on lower(c.database_name) = lower(wanted.database_name)
                and lower(c.schema_name) = lower(wanted.schema_name)
                and lower(c.table_name) = lower(wanted.table_name)
            left join duckdb_tables() as t using (database_oid, schema_oid, table_oid)
            order by wanted.key, c.column_index
        {%- endset -%}
        {%- for row in run_query(catalog).rows -%}
            {%- do facts[row[0]]['columns'].append({'name': row[1], 'type': row[2]}) -%}
            {%- do facts[row[0]].update({'rows': row[3]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for key, relation in relations.items() if not facts[key]['columns'] -%}
        {%- for row in run_query('describe select * from ' ~ relation).rows -%}
            {%- do facts[key]['columns'].append({'name': row[0], 'type': row[1]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(facts) -}}
{% endmacro %}

{#-
  PostgreSQL: one catalog query too. (dbt 2's adapter does not implement the look-up, and names numeric as
  character varying(256) when it describes a query: such a column is left for the server to judge.)
-#}
{% macro postgres__relation_facts(relations) %}
    {%- set facts = {} -%}
    {%- set named = [] -%}
    {%- for key, relation in relations.items() -%}
        {%- set columns = [] -%}
        {%- if relation is string -%}
            {%- for column in adapter.get_column_schema_from_query('select * from ' ~ relation) -%}
                {%- set guessed = column.data_type | lower == 'character varying(256)' -%}
                {%- do columns.append({'name': column.name, 'type': 'unknown' if guessed else column.data_type}) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do named.append('(' ~ aegis.text_literal(key) ~ ', ' ~ aegis.text_literal(relation.schema) ~ ', '
                ~ aegis.text_literal(relation.identifier) ~ ')') -%}
        {%- endif -%}
        {%- do facts.update({key: {'columns': columns, 'rows': none}}) -%}
    {%- endfor -%}
    {%- if named -%}
        {%- set catalog -%}
            select wanted.key, a.attname, format_type(a.atttypid, a.atttypmod)
            from (values {{ named | join(', ') }}) as wanted (key, schema_name, table_name)
            join pg_namespace as n on n.nspname = wanted.schema_name
            join pg_class as c on c.relnamespace = n.oid and c.relname = wanted.table_name
            join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            order by wanted.key, a.attnum
        {%- endset -%}
        {%- for row in run_query(catalog).rows -%}
            {%- do facts[row[0]]['columns'].append({'name': row[1], 'type': row[2]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(facts) -}}
{% endmacro %}
