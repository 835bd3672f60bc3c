{#- A row fails when `pattern` is not found in the text. -#}
{% macro rule_regex_match(rule, bound) %}
    {%- set column = bound['column'] -%}
    {{- return({'kind': 'rows', 'error': aegis.not_of_family(rule, column, ['text']),
        'fails': 'not ' ~ bound['table']['dialect']['regex_found'](column['sql'], rule['pattern'], rule['flags'] or '', bound['table']['dialect']),
        'not_null': [column['sql']], 'expected': 'a match of ' ~ rule['pattern']}) -}}
{% endmacro %}

{% test regex_match(model, column_name, pattern, flags='') %}
    {{- aegis.generic_test(model, 'regex_match', {'column': column_name, 'pattern': pattern, 'flags': flags}, kwargs) -}}
{% endtest %}
