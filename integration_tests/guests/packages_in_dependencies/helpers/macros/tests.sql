{# Tests whose names other packages have too: they must stay these, whoever else is installed. #}
{% test between(model, column_name, low, high) %}
select * from {{ model }} where {{ column_name }} not between {{ low }} and {{ high }}
{% endtest %}

{% test not_empty_string(model, column_name) %}
select * from {{ model }} where trim({{ column_name }}) = ''
{% endtest %}

{% test freshness(model, column_name) %}
select max({{ column_name }}) as latest from {{ model }} having max({{ column_name }}) < timestamp '2020-01-01'
{% endtest %}
