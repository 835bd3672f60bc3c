{#- Fails when there are fewer than `threshold` rows. -#}
{% macro rule_row_count(rule, bound) %}
    {{- return({'kind': 'measure', 'value': none, 'fails': '{} < ' ~ aegis.shown(rule['threshold']),
        'shown': 'cast({} as ' ~ bound['table']['dialect']['text'] ~ ") || ' rows'", 'expected': 'at least ' ~ aegis.shown(rule['threshold'])}) -}}
{% endmacro %}

{% test row_count(model, threshold) %}
    {{- aegis.generic_test(model, 'row_count', {'threshold': threshold}, kwargs) -}}
{% endtest %}
