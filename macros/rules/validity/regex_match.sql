{#- A row fails when `pattern` is not found in the text. -#}
{% macro rule_regex_match(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {#- A citext does not tell upper from lower case. -#}
    {%- set flags = (rule['flags'] or '') ~ ('i' if column['type'] == 'citext' and 'i' not in (rule['flags'] or '') else '') -%}
    {%- set text = column['sql'] if column['family'] == 'text' else aegis.readable_text(column, dialect) -%}
    {{- return({'kind': 'rows', 'error': aegis.no_text(rule, column, dialect) if text is none else none,
        'fails': 'not ' ~ dialect['regex_found'](text, rule['pattern'], flags, dialect),
        'not_null': [column['sql']], 'expected': 'a match of ' ~ rule['pattern']}) -}}
{% endmacro %}

{% test regex_match(model, column_name, pattern, flags='') %}
    {{- aegis.generic_test(model, 'regex_match', {'column': column_name, 'pattern': pattern, 'flags': flags}, kwargs) -}}
{% endtest %}
