{#-
  Somebody's own query. `returns` says how it answers; `aegis compile` decides from the query's columns and writes it
  down:
    boolean   one row with one boolean: false fails, NULL too
    passed    one row with a column `passed` (boolean, or 1 and 0) that decides, and perhaps `row_count`, which tells how
              many rows fail; NULL and no row fail, of several rows each is taken so. `answer` holds how the query
              writes the two names
    rows      each row that it returns fails
-#}
{% macro rule_custom_sql(rule, bound) %}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set query = aegis.referring(rule['query'], bound) -%}
    {%- set name = 'rule_' ~ bound['slot'] -%}
    {%- set none_shown = ', cast(null as ' ~ dialect['text'] ~ ') as failing_keys from (' -%}
    {%- set returns = aegis.given(rule, 'returns', 'rows') -%}
    {%- if returns == 'boolean' -%}
        {{- return({'kind': 'branch', 'expected': 'true', 'rows_sql': query,
            'observed': 'case when ' ~ name ~ '.n_rows = 0 then \'no row\' when ' ~ name ~ ".n_failed > 0 then 'not true' else 'true' end",
            'sql': 'select count(*) as n_rows, case when count(*) = 0 then 1 else ' ~ (dialect['count_if'] | replace('{}', 'not coalesce(ok, false)'))
                ~ ' end as n_failed' ~ none_shown ~ query ~ ') as answer (ok)'}) -}}
    {%- elif returns == 'passed' -%}
        {%- set answer = aegis.given(rule, 'answer', {'passed': 'passed'}) -%}
        {%- set text = 'lower(cast(' ~ aegis.as_written(answer['passed'], dialect) ~ ' as ' ~ dialect['text'] ~ '))' -%}
        {%- set counted = 'cast(' ~ aegis.as_written(answer['row_count'], dialect) ~ ' as bigint)' if answer['row_count'] else '1' -%}
        {{- return({'kind': 'branch', 'expected': 'passed', 'rows_sql': query,
            'observed': 'case when ' ~ name ~ '.n_rows = 0 then \'no row\' when ' ~ name ~ ".n_failed > 0 then 'not passed' else 'passed' end"
                ~ (' || case when ' ~ name ~ '.n_rows > 0 and ' ~ name ~ ".n_failed > 0 then ', row_count ' || cast(" ~ name ~ '.n_failed as ' ~ dialect['text'] ~ ") else '' end" if answer['row_count'] else ''),
            'sql': 'select case when sum(n) > count(*) then sum(n) else count(*) end as n_rows, case when count(*) = 0 then 1 else sum(n) end as n_failed'
                ~ none_shown ~ 'select case when ' ~ text ~ " in ('true', 't', '1', 'yes', 'y', 'on') then 0 when " ~ counted ~ ' > 1 then ' ~ counted
                ~ ' else 1 end as n from (' ~ query ~ ') as answer) as judged'}) -}}
    {%- endif -%}
    {{- return({'kind': 'branch', 'expected': 'no rows', 'rows_sql': query,
        'observed': 'cast(' ~ name ~ '.n_failed as ' ~ dialect['text'] ~ ') || case when ' ~ name ~ ".n_failed = 1 then ' row' else ' rows' end",
        'sql': 'select count(*) as n_rows, count(*) as n_failed' ~ none_shown ~ query ~ ') as answer'}) -}}
{% endmacro %}

{#- The name of a query's column as the query writes it: in quotes, or plainly, so that the warehouse folds both alike. -#}
{% macro as_written(name, dialect) %}
    {{- return(aegis.quoted(name[1:-1], dialect) if name.startswith('"') else name) -}}
{% endmacro %}

{#- In a schema file nobody has read the query before: one with the columns passed and row_count is known by them. -#}
{% macro answer_of(query) %}
    {%- set named = {} -%}
    {%- if 'passed' in query | lower and 'row_count' in query | lower -%}
        {%- for column in adapter.get_column_schema_from_query('select * from (' ~ query ~ ') as answer') if column.name | lower in ('passed', 'row_count') -%}
            {%- do named.update({column.name | lower: '"' ~ column.name ~ '"'}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(named if named | length == 2 else none) -}}
{% endmacro %}

{% test custom_sql(model, query, returns=none) %}
    {%- set answer = aegis.answer_of(query) if execute and returns in (none, 'passed') else none -%}
    {{- aegis.generic_test(model, 'custom_sql', {'query': query, 'returns': returns or ('passed' if answer else 'rows'), 'answer': answer}, kwargs) -}}
{% endtest %}
