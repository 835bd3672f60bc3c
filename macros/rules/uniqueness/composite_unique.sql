{#- Rows beyond the first of each combination fail; NULLs are equal to each other. -#}
{% macro rule_composite_unique(rule, bound) %}
    {{- return({'kind': 'groups', 'columns': bound['columns'], 'nulls_equal': true, 'expected': 'each combination once',
        'error': aegis.cannot_group(rule, bound['columns'])}) -}}
{% endmacro %}

{#- The columns whose equal values it groups, so that their ranges are looked up before. -#}
{% macro groups_of_composite_unique(rule) %}
    {{- return(rule['columns']) -}}
{% endmacro %}

{% test composite_unique(model, columns) %}
    {{- aegis.generic_test(model, 'composite_unique', {'columns': columns}, kwargs) -}}
{% endtest %}
