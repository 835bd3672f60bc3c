{#-
  kind: branch. A select of its own, b<slot>, that gives one row: n_failed, failing_keys and n_rows.
  made = {sql, expected, rows_sql, checks?}: with `checks`, the condition on the rows of the table that are checked, they
  are counted in the scan of all rules and `sql` need not give n_rows.
-#}
{% macro plan_branch(plan, rule, bound, made) %}
    {%- set name = 'b' ~ bound['slot'] -%}
    {%- do plan['after'].append({'name': name, 'sql': made['sql']}) -%}
    {%- set rows = name ~ '.n_rows' -%}
    {%- if made['checks'] is defined -%}
        {%- set rows = plan['counts'][made['checks']] or aegis.counted(plan, made['checks'], bound['table']['dialect']) -%}
        {%- do plan['scopes'].append(bound['scope']) -%}
    {%- endif -%}
    {{- return({'rows_checked': rows, 'rows_failed': name ~ '.n_failed', 'observed': 'null', 'keys': name ~ '.failing_keys', 'rows_sql': made['rows_sql']}) -}}
{% endmacro %}
