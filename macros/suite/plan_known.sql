{#-
  kind: known. Decided by the columns of the relation, without reading a row: rows_checked is 0.
  made = {failed (true|false), observed, expected}.
-#}
{% macro plan_known(plan, rule, bound, made) %}
    {{- return({'rows_checked': '0', 'rows_failed': '1' if made['failed'] else '0', 'keys': 'null', 'rows_sql': none,
        'observed': aegis.text_literal(made['observed'], bound['table']['dialect'])}) -}}
{% endmacro %}
