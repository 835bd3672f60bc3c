{#- The table fails when 100 × duplicates / non-NULL rows is above `threshold`; duplicates are counted as in unique. -#}
{% macro rule_duplicate_percentage_below(rule, bound) %}
    {{- return({'kind': 'groups', 'columns': [bound['column']], 'nulls_equal': false, 'max_failed_pct': rule['threshold'],
        'expected': 'at most ' ~ aegis.shown(rule['threshold']) ~ ' % duplicates', 'error': aegis.cannot_group(rule, [bound['column']])}) -}}
{% endmacro %}

{#- The columns whose equal values it groups, so that their ranges are looked up before. -#}
{% macro groups_of_duplicate_percentage_below(rule) %}
    {{- return([rule['column']]) -}}
{% endmacro %}

{% test duplicate_percentage_below(model, column_name, threshold) %}
    {{- aegis.generic_test(model, 'duplicate_percentage_below', {'column': column_name, 'threshold': threshold}, kwargs) -}}
{% endtest %}
