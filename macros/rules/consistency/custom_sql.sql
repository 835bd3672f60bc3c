{#- Somebody's own query. `returns: boolean`: one row with one boolean, false fails (NULL too). `returns: rows`: each row it returns fails. `aegis compile` decides from the query's columns and writes it down. -#}
{% macro rule_custom_sql(rule, bound) %}
    {%- if aegis.given(rule, 'returns', 'rows') == 'boolean' -%}
        {%- set counts = 'select count(*) as n_rows, ' ~ aegis.count_if('not coalesce(ok, false)') ~ ' as n_failed' -%}
        {%- set query = '(' ~ aegis.referring(rule['query'], bound) ~ ') as answer (ok)' -%}
        {%- set expected = 'true' -%}
    {%- else -%}
        {%- set counts = 'select count(*) as n_rows, count(*) as n_failed' -%}
        {%- set query = '(' ~ aegis.referring(rule['query'], bound) ~ ') as answer' -%}
        {%- set expected = 'no rows' -%}
    {%- endif -%}
    {{- return({'kind': 'branch', 'expected': expected, 'sql': counts ~ ', cast(null as ' ~ aegis.type_text() ~ ') as failing_keys from ' ~ query,
        'rows_sql': aegis.referring(rule['query'], bound)}) -}}
{% endmacro %}

{% test custom_sql(model, query, returns='rows') %}
    {{- aegis.generic_test(model, 'custom_sql', {'query': query, 'returns': returns}, kwargs) -}}
{% endtest %}
