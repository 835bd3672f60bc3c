{#- Fails when the number of rows is outside the range; either end may be left out. -#}
{% macro rule_row_count_between(rule, bound) %}
    {%- set low = aegis.given(rule, 'min_value') -%}
    {%- set high = aegis.given(rule, 'max_value') -%}
    {{- return({'kind': 'measure', 'value': none, 'fails': aegis.outside(low, high, none, bound['table']['dialect']),
        'shown': 'cast({} as ' ~ bound['table']['dialect']['text'] ~ ") || ' rows'", 'expected': aegis.range_in_words(low, high, false)}) -}}
{% endmacro %}

{% test row_count_between(model, min_value=none, max_value=none) %}
    {{- aegis.generic_test(model, 'row_count_between', {'min_value': min_value, 'max_value': max_value}, kwargs) -}}
{% endtest %}
