{# As people write them: a prefix, a marker, another filter. #}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {{ "(select * from " ~ relation ~ " where " ~ where ~ ") as filtered" if where else relation }}
{%- endmacro %}

{% macro should_store_failures() %}
    {{ return(config.get('store_failures') or flags.STORE_FAILURES) }}
{% endmacro %}
