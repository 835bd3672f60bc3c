{#-
  A rule's column names, found among the columns the table really has: exactly, else ignoring case.
  Returns {'error': text} for a rule that names a column that is not there (the others still run), else
  {'slot', 'relation', 'column', 'column_b', 'columns', 'keys', 'scope', 'reference', 'present'}, where a column is
  {'name', 'sql', 'type', 'family'} and `scope` the condition that says which rows are checked, or none.
-#}
{% macro bind(rule, slot, relation, index, references, facts, keys) %}
    {%- set bound = {'slot': slot, 'relation': relation, 'columns': [], 'keys': [], 'index': index, 'references': references, 'facts': facts} -%}
    {%- if rule['error'] is defined -%}
        {{- return({'error': rule['error']}) -}}
    {%- endif -%}
    {%- set missing = [] -%}
    {%- for name in ['column', 'column_b', 'time_column'] if rule[name] is defined and rule[name] is not none -%}
        {%- set column = aegis.find_column(index, rule[name]) -%}
        {%- do bound.update({name: column}) -%}
        {%- if column is none -%}
            {%- do missing.append(rule[name]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rule['columns'] is defined -%}
        {%- for name in rule['columns'] -%}
            {%- set column = aegis.find_column(index, name) -%}
            {%- do bound['columns'].append(column) -%}
            {%- if column is none -%}
                {%- do missing.append(name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if rule['uses'] is defined -%}
        {%- for name in rule['uses'] if aegis.find_column(index, name) is none -%}
            {%- do missing.append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if missing and rule['type'] != 'column_exists' -%}
        {{- return({'error': aegis.missing_columns(missing, relation, index)}) -}}
    {%- endif -%}
    {#- A key column that is not there costs the sample, not the rule. -#}
    {%- for name in (rule['keys'] if 'keys' in rule else keys) -%}
        {%- set column = aegis.find_column(index, name) -%}
        {%- if column is not none -%}
            {%- do bound['keys'].append(column['sql']) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do bound.update({'scope': aegis.scope(rule, bound)}) -%}
    {{- return(bound) -}}
{% endmacro %}

{#- {lower-case name: [column, …]}: names that differ by case alone stay apart. -#}
{% macro column_index(columns) %}
    {%- set index = {} -%}
    {%- for column in columns -%}
        {%- set entry = {'name': column['name'], 'sql': aegis.quoted(column['name']), 'type': column['type'], 'family': aegis.type_family(column['type'])} -%}
        {%- set name = column['name'] | lower -%}
        {%- if name in index -%}
            {%- do index[name].append(entry) -%}
        {%- else -%}
            {%- do index.update({name: [entry]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(index) -}}
{% endmacro %}

{% macro find_column(index, name) %}
    {%- set alike = index[name | lower] if (name | lower) in index else [] -%}
    {%- for column in alike if column['name'] == name -%}
        {{- return(column) -}}
    {%- endfor -%}
    {{- return(alike[0] if alike | length == 1 else none) -}}
{% endmacro %}

{#- `column "vat_id" does not exist in stg_customers (near: "vat")`. -#}
{% macro missing_columns(missing, relation, index) %}
    {%- set table = relation.identifier if relation is not string and relation.identifier else 'the table' -%}
    {%- set near = [] -%}
    {%- for name, alike in index.items() if near | length < 3 and (missing[0] | lower in name or name in missing[0] | lower) and name | length > 2 -%}
        {%- do near.append('"' ~ alike[0]['name'] ~ '"') -%}
    {%- endfor -%}
    {%- set hint = ' (near: ' ~ (near | join(', ')) ~ ')' if near else '' -%}
    {%- set one = missing | length == 1 -%}
    {{- return(('column "' if one else 'columns "') ~ (missing | join('", "')) ~ ('" does' if one else '" do')
        ~ ' not exist in ' ~ table ~ hint) -}}
{% endmacro %}

{#- Which rows are checked: `where` and `since`, or none for all. -#}
{% macro scope(rule, bound) %}
    {%- set conditions = [] -%}
    {%- if rule['where'] is defined and rule['where'] is not none -%}
        {%- do conditions.append('(' ~ rule['where'] ~ ')') -%}
    {%- endif -%}
    {%- if rule['cutoff'] is defined and rule['cutoff'] is not none -%}
        {%- do conditions.append(bound['time_column']['sql'] ~ ' >= ' ~ aegis.literal(rule['cutoff'], bound['time_column'])) -%}
    {%- endif -%}
    {{- return(conditions | join(' and ') if conditions else none) -}}
{% endmacro %}

{#- `condition` within the rows that are checked. -#}
{% macro both(scope, condition) %}
    {%- if scope is none -%}
        {{- return(condition) -}}
    {%- elif condition is none -%}
        {{- return(scope) -}}
    {%- endif -%}
    {{- return(scope ~ ' and (' ~ condition ~ ')') -}}
{% endmacro %}
