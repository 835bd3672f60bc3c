{#-
  Values that are no numbers, or no finite ones, as conditions on {}: none for types that have no such values. Floats
  have them everywhere; which exact types do too, a warehouse says in `nan_types` (see dialect.sql). A `limit` that is a text
  tells that a column of an unknown type holds no numbers.
-#}
{% macro nan_condition(column, dialect, limit=none) %}
    {%- if column['family'] == 'float' or column['type'].split('(')[0] | lower | trim in dialect['nan_types'] -%}
        {{- return(dialect['is_nan']) -}}
    {%- elif column['family'] == 'unknown' and limit is not string -%}
        {{- return(dialect['unknown_is_nan']) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}

{% macro finite_condition(column, dialect) %}
    {%- if column['family'] == 'float' or column['type'].split('(')[0] | lower | trim in dialect['nan_types'] -%}
        {{- return(dialect['is_finite']) -}}
    {%- elif column['family'] == 'unknown' -%}
        {{- return(dialect['unknown_is_finite']) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}
