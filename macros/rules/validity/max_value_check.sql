{#- A row fails above `max_value`. -#}
{% macro rule_max_value_check(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set nan = aegis.nan_condition(column, dialect, rule['max_value']) -%}
    {%- set limit = aegis.value_sql(rule['max_value'], column, dialect, bound['zone']) -%}
    {{- return({'kind': 'rows', 'error': aegis.not_comparable(column, rule['max_value']) if limit is none else none,
        'fails': column['sql'] ~ ' > ' ~ limit ~ (' or ' ~ (nan | replace('{}', column['sql'])) if nan else ''),
        'not_null': [column['sql']], 'expected': aegis.range_in_words(none, rule['max_value'], false)}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_max_value_check() %}
    {{- return(true) -}}
{% endmacro %}

{% test max_value_check(model, column_name, max_value) %}
    {{- aegis.generic_test(model, 'max_value_check', {'column': column_name, 'max_value': max_value}, kwargs) -}}
{% endtest %}
