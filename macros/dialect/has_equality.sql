{#- Can values of this type be grouped and compared with each other? -#}
{% macro has_equality(type) %}
    {{- return(adapter.dispatch('aegis_has_equality', 'aegis')(type | lower)) -}}
{% endmacro %}

{% macro default__aegis_has_equality(type) %}
    {{- return(true) -}}
{% endmacro %}

{% macro postgres__aegis_has_equality(type) %}
    {{- return(type.split('[')[0] not in ('json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'jsonpath',
        'refcursor', 'pg_snapshot', 'txid_snapshot', 'gtsvector', 'pg_node_tree')) -}}
{% endmacro %}

{% macro bigquery__aegis_has_equality(type) %}
    {{- return(type.split('<')[0] not in ('json', 'geography', 'array', 'struct')) -}}
{% endmacro %}

{% macro spark__aegis_has_equality(type) %}
    {{- return(not type.startswith('map')) -}}
{% endmacro %}

{% macro databricks__aegis_has_equality(type) %}
    {{- return(aegis.spark__aegis_has_equality(type)) -}}
{% endmacro %}
