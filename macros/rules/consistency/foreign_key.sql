{#- A non-NULL value that the reference column lacks fails. Values are grouped first, then looked up once each. -#}
{% macro rule_foreign_key(rule, bound) %}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set reference = bound['table']['references'][rule['reference_table']] -%}
    {%- set known = aegis.column_index(bound['table']['facts'][rule['reference_table']]['columns']) -%}
    {%- set target = aegis.find_column(known, rule['reference_column'], dialect) -%}
    {%- if target is none -%}
        {{- return({'error': aegis.missing_columns([rule['reference_column']], reference, known)}) -}}
    {%- endif -%}
    {%- set column = bound['column']['sql'] -%}
    {%- set nulls_fail = rule['nulls'] is defined and rule['nulls'] == 'fail' -%}
    {%- set rows = [] -%}
    {%- for condition in (bound['scope'], none if nulls_fail else column ~ ' is not null') if condition -%}
        {%- do rows.append(condition) -%}
    {%- endfor -%}
    {%- set rows = bound['table']['relation'] ~ (' where ' ~ (rows | join(' and ')) if rows else '') -%}
    {%- set unknown = column ~ ' not in (select ' ~ target['sql'] ~ ' from ' ~ reference ~ ' where ' ~ target['sql'] ~ ' is not null)' -%}
    {%- set keys = dialect['first_keys'] | replace('{key}', aegis.as_key([{'sql': 'v.k', 'family': bound['column']['family']}], dialect))
        | replace('{condition}', 'r.k is null') if dialect['first_keys'] else 'cast(null as ' ~ dialect['text'] ~ ')' -%}
    {{- return({'kind': 'branch', 'error': aegis.families_differ(bound['column'], target) or aegis.cannot_group(rule, [bound['column']]) or none,
        'expected': 'a value of ' ~ (reference.identifier if reference is not string and reference.identifier else rule['reference_table'])
            ~ '.' ~ rule['reference_column'],
        'sql': 'select coalesce(sum(v.n), 0) as n_rows, coalesce(sum(case when r.k is null then v.n end), 0) as n_failed, ' ~ keys ~ ' as failing_keys
    from (select ' ~ column ~ ' as k, count(*) as n from ' ~ rows ~ ' group by ' ~ column ~ ') as v
    left join (select distinct ' ~ target['sql'] ~ ' as k from ' ~ reference ~ ') as r on v.k = r.k',
        'rows_sql': 'select * from ' ~ bound['table']['relation'] ~ ' where ' ~ (bound['scope'] ~ ' and ' if bound['scope'] else '')
            ~ ('(' ~ column ~ ' is null or ' ~ unknown ~ ')' if nulls_fail else unknown)}) -}}
{% endmacro %}

{% test foreign_key(model, column_name, reference_table, reference_column) %}
    {{- aegis.generic_test(model, 'foreign_key', {'column': column_name, 'reference_table': reference_table, 'reference_column': reference_column}, kwargs) -}}
{% endtest %}
