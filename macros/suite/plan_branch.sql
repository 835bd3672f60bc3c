{#-
  kind: branch. A select of its own that gives one row: n_rows, n_failed, failing_keys.
  made = {sql, expected, rows_sql}.
-#}
{% macro plan_branch(plan, rule, bound, made, ranges) %}
    {%- set name = 'b' ~ bound['slot'] -%}
    {%- do plan['after'].append({'name': name, 'sql': made['sql']}) -%}
    {%- do plan['rows_checked'].append('when ' ~ bound['slot'] ~ ' then ' ~ name ~ '.n_rows') -%}
    {%- do plan['rows_failed'].append('when ' ~ bound['slot'] ~ ' then ' ~ name ~ '.n_failed') -%}
    {%- do plan['keys'].append('when ' ~ bound['slot'] ~ ' then ' ~ name ~ '.failing_keys') -%}
    {{- return(made['rows_sql']) -}}
{% endmacro %}
