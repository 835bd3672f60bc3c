{#- Fails when the sample standard deviation is above `threshold`; fewer than two values fail, unless on_empty: pass. -#}
{% macro rule_stddev_below(rule, bound) %}
    {{- return({'kind': 'measure', 'error': aegis.not_of_family(rule, bound['column'], ['number']), 'value': bound['column']['sql'],
        'measure': 'stddev_samp(v' ~ bound['slot'] ~ ')', 'fails': '{} > ' ~ aegis.literal(rule['threshold']),
        'expected': 'a standard deviation of at most ' ~ aegis.shown(rule['threshold'])}) -}}
{% endmacro %}

{% test stddev_below(model, column_name, threshold, on_empty=none) %}
    {{- aegis.generic_test(model, 'stddev_below', {'column': column_name, 'threshold': threshold, 'on_empty': on_empty}, kwargs) -}}
{% endtest %}
