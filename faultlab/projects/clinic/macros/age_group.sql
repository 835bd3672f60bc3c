{% macro age_group(birth_date, on_date) -%}
    case
        when date_diff('year', {{ birth_date }}, {{ on_date }}) < 18 then 'child'
        when date_diff('year', {{ birth_date }}, {{ on_date }}) < 65 then 'adult'
        when date_diff('year', {{ birth_date }}, {{ on_date }}) >= 65 then 'senior'
        else 'unknown'
    end
{%- endmacro %}
