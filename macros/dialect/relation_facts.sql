{#-
  What the warehouse knows of relations without reading a row: {key: {'columns': [{'name', 'type', 'declared'?,
  'kind'?}], 'rows': how many there are about, or none}} for `relations` = {key: relation}. Where `type` is what stands
  behind another (a domain), `declared` is the type as the table names it; `kind` see postgres__aegis_columns_query. With
  `sized` the rows of the relation '' are of use, if it is a table and they cost nothing. A relation that the warehouse
  does not have has no columns, or breaks off.
-#}
{% macro relation_facts(relations, dialect, sized=false) %}
    {{- return(adapter.dispatch('aegis_relation_facts', 'aegis')(relations, dialect, sized)) -}}
{% endmacro %}

{% macro default__aegis_relation_facts(relations, dialect, sized) %}
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
{% macro duckdb__aegis_relation_facts(relations, dialect, sized) %}
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
  PostgreSQL: one catalog query too, which knows tables of every kind, materialized views and what stands behind a
  domain. (A query, which a generic test with a `where` has for its relation, is asked for the types of its columns
  where it gives no row: the adapters' own ways know neither domains and enums nor the digits of a numeric.)
-#}
{% macro postgres__aegis_relation_facts(relations, dialect, sized) %}
    {%- set facts = {} -%}
    {%- set asked = [] -%}
    {%- for key, relation in relations.items() -%}
        {%- set names = [] -%}
        {%- if relation is string -%}
            {%- for column in adapter.get_column_schema_from_query('select * from ' ~ relation) -%}
                {%- do names.append(column.name) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do asked.append({'key': key, 'relation': relation | string, 'names': names if relation is string else none}) -%}
        {%- do facts.update({key: {'columns': [], 'rows': none}}) -%}
    {%- endfor -%}
    {%- for row in run_query(aegis.postgres__aegis_columns_query(asked, dialect)).rows -%}
        {%- do facts[row[0]]['columns'].append({'name': row[1], 'type': row[2], 'declared': row[3], 'kind': row[4]}) -%}
    {%- endfor -%}
    {{- return(facts) -}}
{% endmacro %}

{#-
  The columns of relations: key, name, type (behind a domain the type that it is made of, to the end), the declared
  type, and what kind of type it is where its name does not tell: text, enum, range, composite, or unequal (a composite
  of parts that have no equality). `asked` = [{'key', 'relation', 'names': the columns of a query, or none}].
-#}
{% macro postgres__aegis_columns_query(asked, dialect) %}
    {%- set places = [] -%}
    {%- for entry in asked -%}
        {%- if entry['names'] is none -%}
            {%- do places.append('select ' ~ aegis.text_literal(entry['key'], dialect) ~ ', a.attnum::bigint, a.attname, a.atttypid, a.atttypmod'
                ~ ' from pg_catalog.pg_attribute as a where a.attrelid = to_regclass(' ~ aegis.text_literal(entry['relation'], dialect)
                ~ ') and a.attnum > 0 and not a.attisdropped') -%}
        {%- elif entry['names'] -%}
            {%- set names = [] -%}
            {%- set types = [] -%}
            {%- for name in entry['names'] -%}
                {%- do names.append(aegis.text_literal(name, dialect)) -%}
                {%- do types.append('pg_typeof(asked.' ~ aegis.quoted(name, dialect) ~ ')::oid') -%}
            {%- endfor -%}
            {%- do places.append('select ' ~ aegis.text_literal(entry['key'], dialect) ~ ', part.place, part.name, part.type, -1 from (select array['
                ~ (names | join(', ')) ~ ']::name[] as names, array[' ~ (types | join(', ')) ~ '] as types from (select 1 as one) as one left join (select * from '
                ~ entry['relation'] ~ ' limit 0) as asked on true) as described, unnest(described.names, described.types) with ordinality as part (name, type, place)') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set query -%}
with recursive place (key, place, name, type, digits) as (
    {{ (places or ["select '', 0::bigint, ''::name, 0::oid, 0 where false"]) | join('\n    union all ') }}
),
found (key, place, name, declared, behind, digits, depth) as (
    select key::text, place, name, format_type(type, nullif(digits, -1)), type, digits, 0 from place
    union all
    select f.key, f.place, f.name, f.declared, t.typbasetype, t.typtypmod, f.depth + 1
    from found as f join pg_catalog.pg_type as t on t.oid = f.behind and t.typtype = 'd'
)
select distinct on (f.key, f.place) f.key, f.name,
    case when t.typname = 'citext' then 'citext' else format_type(f.behind, nullif(f.digits, -1)) end as type, f.declared,
    case
        when t.typtype = 'e' then 'enum'
        when t.typtype in ('r', 'm') then 'range'
        when t.typtype = 'c' then case when exists (
            select from pg_catalog.pg_attribute as a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
                and format_type(a.atttypid, null) ~ '^(json|xml|jsonpath|refcursor|point|line|lseg|box|path|polygon|circle)([[]|$)'
        ) then 'unequal' else 'composite' end
        when t.typcategory = 'S' then 'text'
    end as kind
from found as f join pg_catalog.pg_type as t on t.oid = f.behind
order by f.key, f.place, f.depth desc
    {%- endset -%}
    {{- return(query) -}}
{% endmacro %}

{#- Redshift takes its adapters' macros from PostgreSQL, and has neither to_regclass nor such a query. -#}
{% macro redshift__aegis_relation_facts(relations, dialect, sized) %}
    {{- return(aegis.default__aegis_relation_facts(relations, dialect, sized)) -}}
{% endmacro %}
