{% macro note(what) %}
    {% if execute %}insert into run_log values ('{{ what }}'){% endif %}
{% endmacro %}

{# Of its own tests only: what others bring along is not counted. #}
{% macro count_failures(results) %}
    {% set own = [] %}
    {% for result in results if result.node.resource_type == 'test' and result.status in ['fail', 'error'] and 'aegis' not in result.node.tags %}
        {% do own.append(result.node.name) %}
    {% endfor %}
    insert into run_log values ('{{ own | length }} failed')
{% endmacro %}
