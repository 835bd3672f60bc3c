{% macro to_pieces(quantity, unit, carton_size) -%}
    case {{ unit }} when 'PC' then {{ quantity }} when 'CT' then {{ quantity }} * {{ carton_size }} end
{%- endmacro %}
