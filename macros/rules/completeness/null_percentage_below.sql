{#- The table fails when 100 × NULLs / rows is above `threshold`; rows_failed counts the NULLs. -#}
{% macro rule_null_percentage_below(rule, bound) %}
    {{- return({'kind': 'rows', 'fails': bound['column']['sql'] ~ ' is null', 'max_failed_pct': rule['threshold'],
        'expected': 'at most ' ~ aegis.shown(rule['threshold']) ~ ' % NULL'}) -}}
{% endmacro %}

{% test null_percentage_below(model, column_name, threshold) %}
    {{- aegis.generic_test(model, 'null_percentage_below', {'column': column_name, 'threshold': threshold}, kwargs) -}}
{% endtest %}
