{#- A row fails when column > column_b; a row where either is NULL is a NULL. What has no time zone is of the rule's, else UTC. -#}
{% macro rule_date_order(rule, bound) %}
    {%- set first = bound['column'] -%}
    {%- set second = bound['column_b'] -%}
    {%- set refused = aegis.not_of_family(rule, first, ['temporal']) or aegis.not_of_family(rule, second, ['temporal']) -%}
    {%- set one = first['sql'] -%}
    {%- set other = second['sql'] -%}
    {#- To compare an instant with what has no zone, the warehouse would take the session's. -#}
    {%- if not refused and (aegis.time_kind(first['type']) == 'instant') != (aegis.time_kind(second['type']) == 'instant') -%}
        {%- set one = aegis.on_one_clock(one, first['type'], aegis.zone_of(rule)) -%}
        {%- set other = aegis.on_one_clock(other, second['type'], aegis.zone_of(rule)) -%}
    {%- endif -%}
    {{- return({'kind': 'rows', 'error': refused or none, 'fails': one ~ ' > ' ~ other,
        'not_null': [first['sql'], second['sql']], 'expected': rule['column'] ~ ' not after ' ~ rule['column_b']}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_date_order() %}
    {{- return(true) -}}
{% endmacro %}

{% test date_order(model, column_name, column_b) %}
    {{- aegis.generic_test(model, 'date_order', {'column': column_name, 'column_b': column_b}, kwargs) -}}
{% endtest %}
