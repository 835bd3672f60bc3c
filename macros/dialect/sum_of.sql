{#- The sum of `value`, of a column's `type`, that does not overflow. -#}
{% macro sum_of(value, type) %}
    {{- return(adapter.dispatch('sum_of', 'aegis')(value, type | lower)) -}}
{% endmacro %}

{% macro default__sum_of(value, type) %}
    {{- return('sum(' ~ value ~ ')') -}}
{% endmacro %}

{#- DuckDB adds up in 38 digits and breaks off above: types with fewer than ten digits to spare are added as doubles. -#}
{% macro duckdb__sum_of(value, type) %}
    {%- set digits = type.split('(')[1].split(',')[0] | int if type.startswith('decimal(') else 0 -%}
    {{- return('sum(' ~ value ~ ('::double' if digits > 28 or type in ('hugeint', 'uhugeint', 'bignum') else '') ~ ')') -}}
{% endmacro %}
