{#- A non-NULL value that the reference column lacks fails. Values are grouped first, then looked up once each. -#}
{% macro rule_foreign_key(rule, bound) %}
    {%- set reference = bound['references'][rule['reference_table']] -%}
    {%- set target = aegis.find_column(aegis.column_index(bound['facts'][rule['reference_table']]['columns']), rule['reference_column']) -%}
    {%- if target is none -%}
        {{- return({'error': aegis.missing_columns([rule['reference_column']], reference, aegis.column_index(bound['facts'][rule['reference_table']]['columns']))}) -}}
    {%- endif -%}
    {%- set column = bound['column']['sql'] -%}
    {%- set rows = bound['relation'] ~ ' where ' ~ aegis.both(bound['scope'], column ~ ' is not null') -%}
    {%- set known = 'select ' ~ target['sql'] ~ ' from ' ~ reference ~ ' where ' ~ target['sql'] ~ ' is not null' -%}
    {{- return({'kind': 'branch', 'expected': 'a value of ' ~ rule['reference_table'] ~ '.' ~ rule['reference_column'],
        'error': aegis.families_differ(bound['column'], target),
        'sql': 'select coalesce(sum(v.n), 0) as n_rows, coalesce(sum(case when r.k is null then v.n end), 0) as n_failed, '
            ~ aegis.first_keys(['v.k'], 'r.k is null') ~ ' as failing_keys
    from (select ' ~ column ~ ' as k, count(*) as n from ' ~ rows
            ~ ' group by ' ~ column ~ ') as v
    left join (select distinct ' ~ target['sql'] ~ ' as k from ' ~ reference ~ ') as r on v.k = r.k',
        'rows_sql': 'select * from ' ~ rows ~ ' and ' ~ column ~ ' not in (' ~ known ~ ')'}) -}}
{% endmacro %}

{% test foreign_key(model, column_name, reference_table, reference_column) %}
    {{- aegis.generic_test(model, 'foreign_key', {'column': column_name, 'reference_table': reference_table, 'reference_column': reference_column}, kwargs) -}}
{% endtest %}
