{#- A non-NULL value that the reference column lacks fails. Values are grouped first, then looked up once each. -#}
{% macro rule_foreign_key(rule, bound) %}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set reference = bound['table']['references'][rule['reference_table']] -%}
    {%- set known = aegis.table_of(reference, bound['table']['facts'][rule['reference_table']]['columns'], dialect) -%}
    {%- set target = aegis.find_column(known, rule['reference_column']) -%}
    {%- if target is none -%}
        {{- return({'error': aegis.missing_columns([rule['reference_column']], known)}) -}}
    {%- endif -%}
    {%- set column = bound['column']['sql'] -%}
    {%- set nulls_fail = rule['nulls'] is defined and rule['nulls'] == 'fail' -%}
    {%- set checks = (bound['scope'] or '') ~ ('' if nulls_fail else (' and ' if bound['scope'] else '') ~ column ~ ' is not null') -%}
    {%- set one = aegis.as_base(column, bound['column']) if bound['column']['family'] == 'other' else column -%}
    {%- set other = aegis.as_base(target['sql'], target) if target['family'] == 'other' else target['sql'] -%}
    {%- set unknown = one ~ ' not in (select ' ~ other ~ ' from ' ~ reference ~ ' where ' ~ target['sql'] ~ ' is not null)' -%}
    {%- set keys = dialect['keys'] | replace('{key}', aegis.as_key([{'sql': 'v.k', 'family': bound['column']['family'], 'type': bound['column']['type']}], dialect))
        if dialect['keys'] else 'cast(null as ' ~ dialect['text'] ~ ')' -%}
    {{- return({'kind': 'branch', 'error': aegis.families_differ(bound['column'], target) or aegis.cannot_group(rule, [bound['column']]) or none,
        'expected': 'a value of ' ~ (reference.identifier if reference is not string and reference.identifier else rule['reference_table'])
            ~ '.' ~ rule['reference_column'],
        'checks': checks, 'value': none if nulls_fail or bound['scope'] or bound['column']['kind'] == 'composite' else column,
        'sql': 'select coalesce(sum(v.n), 0) as n_failed, ' ~ keys ~ ' as failing_keys\n    from (select ' ~ one
            ~ ' as k, count(*) as n from ' ~ bound['table']['relation'] ~ (' where ' ~ checks if checks else '') ~ ' group by ' ~ one
            ~ ') as v\n    left join (select ' ~ other ~ ' as k from ' ~ reference ~ ') as r on r.k = v.k where r.k is null',
        'rows_sql': 'select * from ' ~ bound['table']['relation'] ~ ' where ' ~ (bound['scope'] ~ ' and ' if bound['scope'] else '')
            ~ ('(' ~ column ~ ' is null or ' ~ unknown ~ ')' if nulls_fail else unknown)}) -}}
{% endmacro %}

{% test foreign_key_rule(model, column_name, reference_table, reference_column) %}
    {{- aegis.generic_test(model, 'foreign_key', {'column': column_name, 'reference_table': reference_table, 'reference_column': reference_column}, kwargs) -}}
{% endtest %}
