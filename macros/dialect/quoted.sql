{#- A name as an identifier of the warehouse, whatever characters it has (adapter.quote does not double the mark inside). -#}
{% macro quoted(name, dialect) %}
    {{- return(dialect['mark'] ~ (name | replace(dialect['mark'], dialect['mark_in_name'])) ~ dialect['mark']) -}}
{% endmacro %}
