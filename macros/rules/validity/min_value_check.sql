{#- A row fails below `min_value`. -#}
{% macro rule_min_value_check(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set nan = aegis.nan_condition(column, dialect, rule['min_value']) -%}
    {%- set limit = aegis.value_sql(rule['min_value'], column, dialect, bound['zone']) -%}
    {{- return({'kind': 'rows', 'error': aegis.not_comparable(column, rule['min_value']) if limit is none else none,
        'fails': column['sql'] ~ ' < ' ~ limit ~ (' or ' ~ (nan | replace('{}', column['sql'])) if nan else ''),
        'not_null': [column['sql']], 'expected': aegis.range_in_words(rule['min_value'], none, false)}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_min_value_check() %}
    {{- return(true) -}}
{% endmacro %}

{% test min_value_check(model, column_name, min_value) %}
    {{- aegis.generic_test(model, 'min_value_check', {'column': column_name, 'min_value': min_value}, kwargs) -}}
{% endtest %}
