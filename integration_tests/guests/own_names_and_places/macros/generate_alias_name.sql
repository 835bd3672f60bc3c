{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}{{ custom_alias_name | trim }}
    {%- elif node.resource_type == 'model' -%}{{ node.name ~ '__' ~ node.resource_type }}
    {%- else -%}{{ node.name }}{%- endif -%}
{%- endmacro %}
