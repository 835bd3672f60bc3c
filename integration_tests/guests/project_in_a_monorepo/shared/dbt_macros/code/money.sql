{% macro in_euro(column) %}round({{ column }} * 0.9, 2){% endmacro %}
