{#- Somebody's own query. `returns: boolean`: one row with one boolean, false fails (NULL too). `returns: rows`: each row it returns fails. `aegis compile` decides from the query's columns and writes it down. -#}
{% macro rule_custom_sql(rule, bound) %}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set query = aegis.referring(rule['query'], bound) -%}
    {%- set none_shown = ', cast(null as ' ~ dialect['text'] ~ ') as failing_keys from (' -%}
    {%- if aegis.given(rule, 'returns', 'rows') == 'boolean' -%}
        {{- return({'kind': 'branch', 'expected': 'true', 'rows_sql': query,
            'sql': 'select count(*) as n_rows, case when count(*) = 0 then 1 else ' ~ (dialect['count_if'] | replace('{}', 'not coalesce(ok, false)'))
                ~ ' end as n_failed' ~ none_shown ~ query ~ ') as answer (ok)'}) -}}
    {%- endif -%}
    {{- return({'kind': 'branch', 'expected': 'no rows', 'rows_sql': query,
        'sql': 'select count(*) as n_rows, count(*) as n_failed' ~ none_shown ~ query ~ ') as answer'}) -}}
{% endmacro %}

{% test custom_sql(model, query, returns='rows') %}
    {{- aegis.generic_test(model, 'custom_sql', {'query': query, 'returns': returns}, kwargs) -}}
{% endtest %}
