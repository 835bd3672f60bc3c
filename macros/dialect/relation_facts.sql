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
  DuckDB: one query for all relations, by describing each: that reads no row, costs a tenth of the catalog's list of
  columns, and knows files and subqueries too. How large the table itself is comes from the catalog.
-#}
{% macro duckdb__relation_facts(relations) %}
    {%- set facts = {} -%}
    {%- set described = [] -%}
    {%- for key, relation in relations.items() -%}
        {%- do facts.update({key: {'columns': [], 'rows': none}}) -%}
        {%- set size = 'null' -%}
        {%- if relation is not string and relation.identifier and key == '' -%}
            {%- set size = '(select max(estimated_size) from duckdb_tables() where lower(database_name) = lower('
                ~ aegis.text_literal(relation.database) ~ ') and lower(schema_name) = lower(' ~ aegis.text_literal(relation.schema)
                ~ ') and lower(table_name) = lower(' ~ aegis.text_literal(relation.identifier) ~ '))' -%}
        {%- endif -%}
        {%- do described.append('select ' ~ aegis.text_literal(key) ~ ', column_name, column_type, ' ~ size
            ~ ' from (describe select * from ' ~ relation ~ ')') -%}
    {%- endfor -%}
    {%- for row in run_query(described | join(' union all ')).rows -%}
        {%- do facts[row[0]]['columns'].append({'name': row[1], 'type': row[2]}) -%}
        {%- do facts[row[0]].update({'rows': row[3]}) -%}
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
