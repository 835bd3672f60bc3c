{#- A row fails outside the closed range (the open one, if `strictly`); either end may be left out. -#}
{% macro rule_between(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set low = rule['min_value'] if rule['min_value'] is defined else none -%}
    {%- set high = rule['max_value'] if rule['max_value'] is defined else none -%}
    {%- set strictly = rule['strictly'] is defined and rule['strictly'] -%}
    {%- set outside = [] -%}
    {%- set unfit = [] -%}
    {%- for value, sign in ((low, ' <'), (high, ' >')) if value is not none -%}
        {%- set limit = aegis.value_sql(value, column, dialect, bound['zone']) -%}
        {%- if limit is none -%}
            {%- do unfit.append(value) -%}
        {%- else -%}
            {%- do outside.append(column['sql'] ~ sign ~ ('= ' if strictly else ' ') ~ limit) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set nan = aegis.nan_condition(column, dialect, low if low is not none else high) -%}
    {%- if nan -%}
        {%- do outside.append(nan | replace('{}', column['sql'])) -%}
    {%- endif -%}
    {{- return({'kind': 'rows', 'error': aegis.not_comparable(column, unfit[0]) if unfit else none, 'fails': outside | join(' or '),
        'not_null': [column['sql']], 'expected': aegis.range_in_words(low, high, strictly)}) -}}
{% endmacro %}

{#- Its verdict depends on `time_zone`. -#}
{% macro reads_clock_between() %}
    {{- return(true) -}}
{% endmacro %}

{% test between(model, column_name, min_value=none, max_value=none, strictly=false) %}
    {{- aegis.generic_test(model, 'between', {'column': column_name, 'min_value': min_value, 'max_value': max_value, 'strictly': strictly}, kwargs) -}}
{% endtest %}
