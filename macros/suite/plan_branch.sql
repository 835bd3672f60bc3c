{#-
  kind: branch. A select of its own, rule_<slot>, that gives one row: n_failed, failing_keys and n_rows.
  made = {sql, expected, rows_sql, checks?, value?, observed?}: with `checks`, the condition on the rows of the table that are
  checked, they are counted in the scan of all rules and `sql` need not give n_rows; `value` is what the condition asks
  to be there, where it asks nothing else.
-#}
{% macro plan_branch(plan, rule, bound, made) %}
    {%- set name = 'rule_' ~ bound['slot'] -%}
    {%- do plan['after'].append({'name': name, 'sql': made['sql']}) -%}
    {%- set numbers = {'rows_checked': name ~ '.n_rows', 'rows_failed': name ~ '.n_failed', 'observed': made['observed'] or 'null',
        'keys': name ~ '.failing_keys', 'rows_sql': made['rows_sql']} -%}
    {%- if made['checks'] is defined -%}
        {%- do numbers.update({'rows_checked': plan['counts'][made['checks']] or 'rows_' ~ bound['slot'], 'counted': made['checks'], 'value': made['value']}) -%}
        {%- do plan['scopes'].append(bound['scope']) -%}
    {%- endif -%}
    {{- return(numbers) -}}
{% endmacro %}
