{#-
  The aggregate that counts distinct non-NULL values of `value` within the one scan of the table, or none where
  a separate GROUP BY is faster. `range` is [lowest, highest] of an integer column, or none.
-#}
{% macro distinct_values(value, range=none) %}
    {{- return(adapter.dispatch('distinct_values', 'aegis')(value, range)) -}}
{% endmacro %}

{% macro default__distinct_values(value, range) %}
    {{- return('count(distinct ' ~ value ~ ')') -}}
{% endmacro %}

{#- A bit for each integer of the range: exact, and no hash table. -#}
{% macro duckdb__distinct_values(value, range) %}
    {%- if range is not none -%}
        {{- return('coalesce(bit_count(bitstring_agg(' ~ value ~ ', ' ~ range[0] ~ ', ' ~ range[1] ~ ')), 0)') -}}
    {%- endif -%}
    {{- return('count(distinct ' ~ value ~ ')') -}}
{% endmacro %}

{#- PostgreSQL sorts for count(distinct), and hashes for GROUP BY. -#}
{% macro postgres__distinct_values(value, range) %}
    {{- return(none) -}}
{% endmacro %}
