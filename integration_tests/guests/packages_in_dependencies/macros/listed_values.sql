{% test listed_values(model, column_name, values) %}
select * from {{ model }} where {{ column_name }} in ('{{ values | join("', '") }}')
{% endtest %}
