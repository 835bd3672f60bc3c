{#- `value`, of a column's `type`, as something that can be added up without an overflow. -#}
{% macro addable(value, type) %}
    {{- return(adapter.dispatch('aegis_addable', 'aegis')(value, type | lower)) -}}
{% endmacro %}

{% macro default__aegis_addable(value, type) %}
    {{- return(value) -}}
{% endmacro %}

{#- DuckDB adds up in 38 digits and breaks off above: types with fewer than ten digits to spare are added as doubles. -#}
{% macro duckdb__aegis_addable(value, type) %}
    {%- set digits = type.split('(')[1].split(',')[0] | int if type.startswith('decimal(') else 0 -%}
    {{- return(value ~ ('::double' if digits > 28 or type in ('hugeint', 'uhugeint', 'bignum') else '')) -}}
{% endmacro %}
