{#-
  The history of every rule: a table `aegis_rule_results` in the target schema (or where the variables
  aegis_history_database and aegis_history_schema say), to which each run appends. Off unless the variable
  aegis_history is true. It reads what the suites have stored, in one statement, and never fails a run: a suite that
  broke has stored nothing of this run, and a table of another shape is left alone.
-#}
{% macro store_history(results) %}
    {%- if not execute or not var('aegis_history', false) or flags.WHICH not in ('build', 'test', 'retry') -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- set known = {} -%}
    {%- for result in results if result.node.resource_type == 'test' and result.status | string in ('pass', 'fail', 'warn') -%}
        {%- set meta = result.node.config.meta or {} -%}
        {%- if 'aegis' in meta and aegis.is_stored(result.node, known) -%}
            {%- do parts.append(aegis.history_part(result.node, meta['aegis']['table'])) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not parts or not aegis.make_history_table() -%}
        {{- return('') -}}
    {%- endif -%}
    {{- return('insert into ' ~ aegis.history_relation() ~ ' (' ~ (aegis.history_columns().keys() | join(', ')) ~ ')\n'
        ~ (parts | join('\nunion all\n'))) -}}
{% endmacro %}

{#- Its columns and their types, in order. -#}
{% macro history_columns() %}
    {%- set text = aegis.dialect()['text'] -%}
    {{- return({'invocation_id': text, 'run_started_at': 'timestamp', 'project': text, 'target': text, 'suite': text, 'table_name': text,
        'rule_id': text, 'rule_type': text, 'severity': text, 'level': text, 'column_name': text, 'status': text, 'rows_checked': 'bigint',
        'rows_failed': 'bigint', 'observed': text, 'expected': text, 'message': text}) -}}
{% endmacro %}

{#- One suite's rows of this run. -#}
{% macro history_part(node, table_name) %}
    {%- set dialect = aegis.dialect() -%}
    {%- set stamps = [] -%}
    {%- for text in (invocation_id, project_name, target.name, node.unique_id, table_name) -%}
        {%- do stamps.append('cast(' ~ aegis.text_literal(text, dialect) ~ ' as ' ~ dialect['text'] ~ ')') -%}
    {%- endfor -%}
    {%- set started = aegis.moment_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ '+00:00', {'type': 'timestamp'}, dialect, 'UTC') -%}
    {{- return('select ' ~ stamps[0] ~ ', ' ~ started ~ ', ' ~ (stamps[1:] | join(', '))
        ~ ', rule_id, rule_type, severity, level, column_name, status, rows_checked, rows_failed, observed, expected, message from '
        ~ node.relation_name ~ " where invocation_id = '" ~ invocation_id ~ "'") -}}
{% endmacro %}

{#-
  Is its table there? dbt's cache does not know what a test stored, and dbt 2 says `fail` of a test that broke before it
  stored anything. `known` keeps the answer for each schema.
-#}
{% macro is_stored(node, known) %}
    {%- if not node.relation_name -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set place = node.database ~ '.' ~ node.schema -%}
    {%- if place not in known -%}
        {%- do known.update({place: aegis.tables_of_schema(node.database, node.schema)}) -%}
    {%- endif -%}
    {{- return(node.alias | lower in known[place]) -}}
{% endmacro %}

{#- The names of a schema's tables, in lower case. -#}
{% macro tables_of_schema(database, schema) %}
    {{- return(adapter.dispatch('aegis_tables_of_schema', 'aegis')(database, schema)) -}}
{% endmacro %}

{% macro default__aegis_tables_of_schema(database, schema) %}
    {%- set dialect = aegis.dialect() -%}
    {%- set sql = 'select lower(table_name) from ' ~ dialect['mark'] ~ database ~ dialect['mark'] ~ '.information_schema.tables where lower(table_schema) = lower('
        ~ aegis.text_literal(schema, dialect) ~ ')' -%}
    {{- return(aegis.first_column(sql)) -}}
{% endmacro %}

{#- An attached database has no information_schema of its own. -#}
{% macro duckdb__aegis_tables_of_schema(database, schema) %}
    {%- set dialect = aegis.dialect() -%}
    {{- return(aegis.first_column('select lower(table_name) from duckdb_tables() where lower(database_name) = lower('
        ~ aegis.text_literal(database, dialect) ~ ') and lower(schema_name) = lower(' ~ aegis.text_literal(schema, dialect) ~ ')')) -}}
{% endmacro %}

{% macro bigquery__aegis_tables_of_schema(database, schema) %}
    {{- return(aegis.first_column('select lower(table_name) from `' ~ database ~ '.' ~ schema ~ '.INFORMATION_SCHEMA.TABLES`')) -}}
{% endmacro %}

{% macro first_column(sql) %}
    {%- set values = [] -%}
    {%- for row in run_query(sql).rows -%}
        {%- do values.append(row[0]) -%}
    {%- endfor -%}
    {{- return(values) -}}
{% endmacro %}

{% macro history_relation() %}
    {{- return(api.Relation.create(database=var('aegis_history_database', target.database), schema=var('aegis_history_schema', target.schema),
        identifier='aegis_rule_results', type='table')) -}}
{% endmacro %}

{#- Make the table unless it is there. False, with a line in the log, for one that lacks columns of ours. -#}
{% macro make_history_table() %}
    {%- set relation = aegis.history_relation() -%}
    {%- set wanted = aegis.history_columns() -%}
    {%- if relation.identifier not in aegis.tables_of_schema(relation.database, relation.schema) -%}
        {%- set columns = [] -%}
        {%- for name, type in wanted.items() -%}
            {%- do columns.append(name ~ ' ' ~ type) -%}
        {%- endfor -%}
        {%- do run_query('create table ' ~ relation ~ ' (' ~ (columns | join(', ')) ~ ')') -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for column in aegis.relation_facts({'': relation}, aegis.dialect())['']['columns'] -%}
        {%- do found.append(column['name'] | lower) -%}
    {%- endfor -%}
    {%- for name in wanted if name not in found -%}
        {%- do log('aegis: ' ~ relation ~ ' has no column ' ~ name ~ '; the history of this run was not stored', info=true) -%}
        {{- return(false) -}}
    {%- endfor -%}
    {{- return(true) -}}
{% endmacro %}

{#- When the last run began in which the rule passed, as ISO text with its offset; none if it never did. -#}
{% macro last_success(rule_id) %}
    {%- set relation = aegis.history_relation() -%}
    {%- if relation.identifier not in aegis.tables_of_schema(relation.database, relation.schema) -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set dialect = aegis.dialect() -%}
    {%- set row = run_query('select ' ~ aegis.moment_text('max(run_started_at)', 'timestamp', dialect) ~ ' from ' ~ relation
        ~ ' where status = \'pass\' and rule_id = ' ~ aegis.text_literal(rule_id, dialect)).rows[0] -%}
    {{- return(row[0][:19] ~ '+00:00' if row[0] is not none else none) -}}
{% endmacro %}
