{#- Rows beyond the first of each non-NULL value fail. -#}
{% macro rule_unique(rule, bound) %}
    {{- return({'kind': 'groups', 'columns': [bound['column']], 'nulls_equal': false, 'expected': 'each value once',
        'error': aegis.cannot_group(rule, [bound['column']])}) -}}
{% endmacro %}

{#- The columns whose equal values it groups, so that their ranges are looked up before. -#}
{% macro groups_of_unique(rule) %}
    {{- return([rule['column']]) -}}
{% endmacro %}

{% test unique_rule(model, column_name) %}
    {{- aegis.generic_test(model, 'unique', {'column': column_name}, kwargs) -}}
{% endtest %}
