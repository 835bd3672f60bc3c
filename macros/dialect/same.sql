{#- Whether two values are equal, or both NULL: by the warehouse's own word for it where a join can use that. -#}
{% macro default__aegis_same(one, other) %}
    {{- return('(' ~ one ~ ' = ' ~ other ~ ' or ' ~ one ~ ' is null and ' ~ other ~ ' is null)') -}}
{% endmacro %}

{% macro duckdb__aegis_same(one, other) %}
    {{- return('(' ~ one ~ ' is not distinct from ' ~ other ~ ')') -}}
{% endmacro %}

{% macro spark__aegis_same(one, other) %}
    {{- return('(' ~ one ~ ' <=> ' ~ other ~ ')') -}}
{% endmacro %}
