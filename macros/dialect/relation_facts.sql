{#-
  What the warehouse knows of relations without reading a row: {key: {'columns': [{'name', 'type'}], 'rows': how many
  there are about, or none}} for `relations` = {key: relation}. With `sized` the rows of the relation '' are of use,
  if it is a table and they cost nothing. A relation that the warehouse does not have has no columns, or breaks off.
-#}
{% macro relation_facts(relations, dialect, sized=false) %}
    {{- return(adapter.dispatch('relation_facts', 'aegis')(relations, dialect, sized)) -}}
{% endmacro %}

{% macro default__relation_facts(relations, dialect, sized) %}
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
  DuckDB: one query for all relations. DESCRIBE takes tables, views, files and subqueries alike, in a tenth of the
  time that the catalog views take which the adapter asks, one query each. A table keeps the count of its rows.
  (duckdb_tables() has an estimate, and the CREATE statement of every table there is: with many it costs more than
  the whole suite.)
-#}
{% macro duckdb__relation_facts(relations, dialect, sized) %}
    {%- set facts = {} -%}
    {%- set queries = [] -%}
    {%- for key, relation in relations.items() -%}
        {%- do facts.update({key: {'columns': [], 'rows': none}}) -%}
        {%- set rows = 'null' -%}
        {%- if sized and key == '' and aegis.is_table(relation) -%}
            {%- set rows = '(select count(*) from ' ~ relation ~ ')' -%}
        {%- endif -%}
        {%- do queries.append('select ' ~ aegis.text_literal(key, dialect) ~ ', column_name, column_type, ' ~ rows
            ~ ' from (describe select * from ' ~ relation ~ ')') -%}
    {%- endfor -%}
    {%- for row in run_query(queries | join('\nunion all\n')).rows -%}
        {%- do facts[row[0]]['columns'].append({'name': row[1], 'type': row[2]}) -%}
        {%- if row[3] is not none -%}
            {%- do facts[row[0]].update({'rows': row[3] | int}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(facts) -}}
{% endmacro %}

{#- Is it a table, by dbt's cache of what its schemas hold? -#}
{% macro is_table(relation) %}
    {%- if relation is string or not relation.identifier -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set found = adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
    {{- return(found is not none and found.type == 'table') -}}
{% endmacro %}

{#-
  The columns of a query. Adapters know their names; what they call the types is not what PostgreSQL calls them
  (DATETIMETZ; character varying(256) for a numeric), so the server is asked, with a row that comes from nowhere.
-#}
{% macro types_by_server(relation, dialect) %}
    {%- set columns = [] -%}
    {%- set types = [] -%}
    {%- for column in adapter.get_column_schema_from_query('select * from ' ~ relation) -%}
        {%- do columns.append({'name': column.name}) -%}
        {%- do types.append('pg_typeof(' ~ aegis.quoted(column.name, dialect) ~ ')::text') -%}
    {%- endfor -%}
    {%- set row = run_query('select ' ~ (types | join(', ')) ~ ' from (select 1) as aegis_one left join ' ~ relation ~ ' on false').rows[0] -%}
    {%- for column in columns -%}
        {%- do column.update({'type': row[loop.index0]}) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{% endmacro %}

{#-
  PostgreSQL: one catalog query too.
-#}
{% macro postgres__relation_facts(relations, dialect, sized) %}
    {%- set facts = {} -%}
    {%- set named = [] -%}
    {%- for key, relation in relations.items() -%}
        {%- set columns = [] -%}
        {%- if relation is string -%}
            {%- do columns.extend(aegis.types_by_server(relation, dialect)) -%}
        {%- else -%}
            {%- do named.append('(' ~ aegis.text_literal(key, dialect) ~ ', ' ~ aegis.text_literal(relation | string, dialect) ~ ')') -%}
        {%- endif -%}
        {%- do facts.update({key: {'columns': columns, 'rows': none}}) -%}
    {%- endfor -%}
    {%- if named -%}
        {%- set catalog -%}
            select wanted.key, a.attname, format_type(a.atttypid, a.atttypmod)
            from (values {{ named | join(', ') }}) as wanted (key, relation)
            join pg_attribute as a on a.attrelid = to_regclass(wanted.relation) and a.attnum > 0 and not a.attisdropped
            order by wanted.key, a.attnum
        {%- endset -%}
        {%- for row in run_query(catalog).rows -%}
            {%- do facts[row[0]]['columns'].append({'name': row[1], 'type': row[2]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(facts) -}}
{% endmacro %}
