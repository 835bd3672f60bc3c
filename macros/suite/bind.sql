{#-
  A rule's column names, found among the columns the table really has: exactly, else ignoring case.
  Returns {'error': text} for a rule that names a column that is not there (the others still run), else
  {'slot', 'table', 'column'?, 'column_b'?, 'time_column'?, 'columns', 'keys', 'scope'}, where a column is
  {'name', 'sql', 'type', 'family'} and `scope` the condition that says which rows are checked, or none.
  `table` is what all rules of the statement share: {'relation', 'index', 'references', 'facts', 'keys', 'dialect'}.
-#}
{% macro bind(rule, slot, table) %}
    {%- if rule['error'] is defined -%}
        {{- return({'error': rule['error']}) -}}
    {%- endif -%}
    {%- set index = table['index'] -%}
    {%- set bound = {'slot': slot, 'table': table, 'columns': [], 'keys': none, 'scope': none} -%}
    {%- set missing = [] -%}
    {%- for name in ('column', 'column_b', 'time_column') if rule[name] is defined and rule[name] is not none -%}
        {%- set column = aegis.find_column(index, rule[name], table['dialect']) -%}
        {%- do bound.update({name: column}) -%}
        {%- if column is none -%}
            {%- do missing.append(rule[name]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rule['columns'] is defined -%}
        {%- for name in rule['columns'] -%}
            {%- set column = aegis.find_column(index, name, table['dialect']) -%}
            {%- do bound['columns'].append(column) -%}
            {%- if column is none -%}
                {%- do missing.append(name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if rule['uses'] is defined -%}
        {%- for name in rule['uses'] if name not in index['exact'] and name | lower not in index['folded'] -%}
            {%- do missing.append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if missing and rule['type'] != 'column_exists' -%}
        {{- return({'error': aegis.missing_columns(missing, table['relation'], index)}) -}}
    {%- endif -%}
    {%- do bound.update({'keys': table['key'] if 'keys' not in rule else aegis.key_of(rule['keys'], table)}) -%}
    {%- if rule['where'] is defined or rule['since'] is defined -%}
        {%- do bound.update(aegis.scope(rule, bound)) -%}
    {%- endif -%}
    {{- return(bound) -}}
{% endmacro %}

{#-
  {'exact': {name: column}, 'folded': {lower-case name: column, or none where two names differ by case alone}}.
  What costs time (quoting, the family) is added when a column is first asked for: a table may have thousands.
-#}
{% macro column_index(columns) %}
    {%- set exact = {} -%}
    {%- set folded = {} -%}
    {%- for column in columns -%}
        {%- set entry = {'name': column['name'], 'type': column['type']} -%}
        {%- set name = column['name'] | lower -%}
        {%- do exact.update({column['name']: entry}) -%}
        {%- do folded.update({name: none if name in folded else entry}) -%}
    {%- endfor -%}
    {{- return({'exact': exact, 'folded': folded}) -}}
{% endmacro %}

{% macro find_column(index, name, dialect) %}
    {%- set found = index['exact'][name] if name in index['exact'] else index['folded'][name | lower] -%}
    {%- if not found -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- if found['sql'] is not defined -%}
        {%- do found.update({'sql': aegis.quoted(found['name'], dialect), 'family': aegis.type_family(found['type'])}) -%}
    {%- endif -%}
    {{- return(found) -}}
{% endmacro %}

{#- `column "vat_id" does not exist in stg_customers (near: "vat")`. -#}
{% macro missing_columns(missing, relation, index) %}
    {%- set table = relation.identifier if relation is not string and relation.identifier else 'the table' -%}
    {%- set near = [] -%}
    {%- for name in index['exact'] if near | length < 3 and name | length > 2
        and (missing[0] | lower in name | lower or name | lower in missing[0] | lower) -%}
        {%- do near.append('"' ~ name ~ '"') -%}
    {%- endfor -%}
    {%- set hint = ' (near: ' ~ (near | join(', ')) ~ ')' if near else '' -%}
    {%- set one = missing | length == 1 -%}
    {{- return(('column "' if one else 'columns "') ~ (missing | join('", "')) ~ ('" does' if one else '" do') ~ ' not exist in ' ~ table ~ hint) -}}
{% endmacro %}

{#-
  What a person finds a row by, as one value: the column itself, or a list of texts. A column that is not there is
  left out: it costs the sample, not the rule. None if nothing remains.
-#}
{% macro key_of(names, table) %}
    {%- set found = [] -%}
    {%- for name in names -%}
        {%- set column = aegis.find_column(table['index'], name, table['dialect']) -%}
        {%- if column -%}
            {%- do found.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(aegis.as_key(found, table['dialect'])) -}}
{% endmacro %}

{#- Types that have no order or no plain text in JSON go as text. -#}
{% macro as_key(columns, dialect) %}
    {%- if columns | length == 1 and columns[0]['family'] in ('number', 'text', 'temporal', 'float') -%}
        {{- return(columns[0]['sql']) -}}
    {%- endif -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append('cast(' ~ column['sql'] ~ ' as ' ~ dialect['text'] ~ ')') -%}
    {%- endfor -%}
    {%- if texts | length > 1 -%}
        {{- return(dialect['key_list'] | replace('{keys}', texts | join(', ')) if dialect['key_list'] else none) -}}
    {%- endif -%}
    {{- return(texts[0] if texts else none) -}}
{% endmacro %}

{#- {'scope': which rows are checked} by `where` and `since`, or {'error': text}. -#}
{% macro scope(rule, bound) %}
    {%- set conditions = [] -%}
    {%- if rule['where'] is defined and rule['where'] is not none -%}
        {%- do conditions.append('(' ~ rule['where'] ~ ')') -%}
    {%- endif -%}
    {%- if rule['since'] is defined and rule['since'] is not none -%}
        {%- if bound['time_column'] is not defined -%}
            {{- return({'error': "'since' needs time_column: the column that tells when a row is from"}) -}}
        {%- endif -%}
        {%- if bound['time_column']['family'] not in ('temporal', 'unknown') -%}
            {{- return({'error': 'column "' ~ bound['time_column']['name'] ~ '" is ' ~ bound['time_column']['type'] ~ "; 'since' needs a date or a timestamp"}) -}}
        {%- endif -%}
        {%- if rule['cutoff'] is defined and rule['cutoff'] is not none -%}
            {%- do conditions.append(bound['time_column']['sql'] ~ ' >= ' ~ aegis.literal(rule['cutoff'], bound['time_column'], bound['table']['dialect'])) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return({'scope': conditions | join(' and ') if conditions else none}) -}}
{% endmacro %}
