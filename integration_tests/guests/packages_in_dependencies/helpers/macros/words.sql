{% macro literal(value) %}'{{ value }}'{% endmacro %}
{% macro shown(column) %}{{ helpers.quoted(column) }} as shown{% endmacro %}
{% macro quoted(name) %}{{ adapter.dispatch('quoted', 'helpers')(name) }}{% endmacro %}
{% macro default__quoted(name) %}"{{ name }}"{% endmacro %}
