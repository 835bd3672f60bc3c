{#-
  kind: known. Decided by the columns of the relation, without reading a row: rows_checked is 0.
  made = {failed (true|false), observed, expected}.
-#}
{% macro plan_known(plan, rule, bound, made, ranges) %}
    {%- do plan['rows_checked'].append('when ' ~ bound['slot'] ~ ' then 0') -%}
    {%- do plan['rows_failed'].append('when ' ~ bound['slot'] ~ ' then ' ~ ('1' if made['failed'] else '0')) -%}
    {%- do plan['observed'].append('when ' ~ bound['slot'] ~ ' then ' ~ aegis.text_literal(made['observed'], bound['table']['dialect'])) -%}
    {{- return(none) -}}
{% endmacro %}
