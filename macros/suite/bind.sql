{#-
  The rules of a table, each with the columns that it names, found among those the table really has: exactly, else
  ignoring case. One entry for each rule: {'error': text} if it names a column that is not there (the others still
  run), else {'slot', 'table', 'column'?, 'column_b'?, 'time_column'?, 'columns', 'keys', 'scope', 'zone'}, where a column is
  {'name', 'sql', 'type', 'declared', 'kind', 'family'} (see relation_facts), `keys` the SQL of what a row is found by and `scope` the condition that says
  which rows are checked, or none. (One macro for all rules, as each call would cost as much as what is done here.)
-#}
{% macro bind(rules, table) %}
    {%- set found = table['found'] -%}
    {%- set entries = [] -%}
    {%- for rule in rules -%}
        {%- set bound = {'slot': loop.index, 'table': table, 'columns': [], 'keys': table['key'], 'scope': none,
            'zone': aegis.zone_of(rule) if rule['time_zone'] is defined else 'UTC'} -%}
        {%- set missing = [] -%}
        {%- for name in ('column', 'column_b', 'time_column') if rule[name] is defined and rule[name] is not none -%}
            {%- set column = found[rule[name]] or aegis.find_column(table, rule[name]) -%}
            {%- do bound.update({name: column}) -%}
            {%- if column is none -%}
                {%- do missing.append(rule[name]) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if rule['columns'] is defined -%}
            {%- for name in rule['columns'] -%}
                {%- set column = found[name] or aegis.find_column(table, name) -%}
                {%- do bound['columns'].append(column) -%}
                {%- if column is none -%}
                    {%- do missing.append(name) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if rule['uses'] is defined -%}
            {%- for name in rule['uses'] if name not in table['exact'] and name | lower not in table['folded'] -%}
                {%- do missing.append(name) -%}
            {%- endfor -%}
        {%- endif -%}
        {#- rule['keys'] would be the method of that name where the rule has none. -#}
        {%- if 'keys' in rule -%}
            {%- do bound.update({'keys': aegis.key_of(rule['keys'], table)}) -%}
        {%- endif -%}
        {%- if rule['error'] is defined -%}
            {%- do entries.append({'error': rule['error']}) -%}
        {%- elif missing and aegis['takes_missing_' ~ rule['type']] is not defined -%}
            {%- do entries.append({'error': aegis.missing_columns(missing, table)}) -%}
        {%- else -%}
            {%- if rule['where'] is defined or rule['since'] is defined -%}
                {%- do bound.update(aegis.scope(rule, bound)) -%}
            {%- endif -%}
            {%- do entries.append(bound) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(entries) -}}
{% endmacro %}

{#-
  A relation and its columns: {'relation', 'exact': {name: column}, 'folded': {lower-case name: column, or none where
  two names differ by case alone}, 'found': {name as a rule writes it: column}, 'dialect', 'key'}. Columns of the common
  types are found at once; the others, and names in another case, by find_column when they are first asked for.
-#}
{% macro table_of(relation, columns, dialect) %}
    {%- set exact = {} -%}
    {%- set folded = {} -%}
    {%- set found = {} -%}
    {%- set mark = dialect['mark'] -%}
    {%- for column in columns -%}
        {%- set entry = {'name': column['name'], 'type': column['type'], 'declared': column['declared'] or column['type'], 'kind': column['kind'] or none,
            'sql': mark ~ (column['name'] | replace(mark, dialect['mark_in_name'])) ~ mark} -%}
        {%- set name = column['name'] | lower -%}
        {%- do exact.update({column['name']: entry}) -%}
        {%- do folded.update({name: none if name in folded else entry}) -%}
        {%- if column['type'] in dialect['families'] and entry['kind'] in (none, 'text') -%}
            {%- do entry.update({'family': dialect['families'][column['type']]}) -%}
            {%- do found.update({column['name']: entry}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return({'relation': relation, 'exact': exact, 'folded': folded, 'found': found, 'dialect': dialect, 'key': none}) -}}
{% endmacro %}

{% macro find_column(table, name) %}
    {%- set mark = table['dialect']['mark_in_name'] -%}
    {#- A quoted name may have its marks doubled, as SQL has them. -#}
    {%- set name_in = name if name in table['exact'] or name | lower in table['folded'] else (name | replace(mark, table['dialect']['mark'])) -%}
    {%- set column = table['exact'][name_in] if name_in in table['exact'] else table['folded'][name_in | lower] -%}
    {%- if not column -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- if column['family'] is not defined -%}
        {%- do column.update({'family': aegis.type_family(column['type'], column['kind'])}) -%}
    {%- endif -%}
    {%- do table['found'].update({name: column}) -%}
    {{- return(column) -}}
{% endmacro %}

{#- `column "vat_id" does not exist in stg_customers (near: "vat")`. -#}
{% macro missing_columns(missing, table) %}
    {%- set relation = table['relation'] -%}
    {%- set near = [] -%}
    {%- set asked = missing[0] | lower -%}
    {%- for name in table['exact'] if near | length < 3 and name | length > 2 -%}
        {#- One in the other, the same letters in another order, or alike in how they begin or end. -#}
        {%- set known = name | lower -%}
        {%- if asked in known or known in asked or known | list | sort | join == asked | list | sort | join
            or asked | length > 3 and (known[:3] == asked[:3] or known[-3:] == asked[-3:]) -%}
            {%- do near.append('"' ~ name ~ '"') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set one = missing | length == 1 -%}
    {{- return(('column "' if one else 'columns "') ~ (missing | join('", "')) ~ ('" does' if one else '" do') ~ ' not exist in '
        ~ (relation.identifier if relation is not string and relation.identifier else 'the table')
        ~ (' (near: ' ~ (near | join(', ')) ~ ')' if near else '')) -}}
{% endmacro %}

{#-
  What a person finds a row by, as one value: the column itself, or a list of texts. A column that is not there is
  left out: it costs the sample, not the rule. None if nothing remains.
-#}
{% macro key_of(names, table) %}
    {%- set columns = [] -%}
    {%- for name in names -%}
        {%- set column = table['found'][name] or aegis.find_column(table, name) -%}
        {%- if column -%}
            {%- do columns.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(aegis.as_key(columns, table['dialect'])) -}}
{% endmacro %}

{#- Types that have no order or no plain text in JSON go as text, and so do instants, whose text would be the session's. -#}
{% macro as_key(columns, dialect) %}
    {%- if columns | length == 1 and columns[0]['family'] in ('number', 'text') and columns[0]['type'] != 'name' -%}
        {{- return(columns[0]['sql']) -}}
    {%- elif columns | length == 1 and columns[0]['family'] == 'float' -%}
        {{- return(dialect['float_key'] | replace('{}', columns[0]['sql'])) -}}
    {%- elif columns | length == 1 and columns[0]['family'] == 'temporal' and aegis.time_kind(columns[0]['type']) != 'instant' -%}
        {{- return(columns[0]['sql']) -}}
    {%- endif -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(aegis.moment_text(column['sql'], column['type'], dialect) if column['family'] == 'temporal'
            else 'cast(' ~ column['sql'] ~ ' as ' ~ dialect['text'] ~ ')') -%}
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
        {%- do conditions.append('(' ~ aegis.referring(rule['where'], bound) ~ ')') -%}
    {%- endif -%}
    {%- if rule['since'] is defined and rule['since'] is not none -%}
        {%- set column = bound['time_column'] -%}
        {%- if column is not defined -%}
            {{- return({'error': "'since' needs time_column: the column that tells when a row is from"}) -}}
        {%- elif column['family'] not in ('temporal', 'unknown') -%}
            {{- return({'error': 'column "' ~ column['name'] ~ '" is ' ~ aegis.told_type(column) ~ "; 'since' needs a date or a timestamp"}) -}}
        {%- elif rule['cutoff'] is defined and rule['cutoff'] is not none -%}
            {%- set dialect = bound['table']['dialect'] -%}
            {%- set cutoff = rule['cutoff'] -%}
            {%- set after = aegis.text_literal(cutoff, dialect) if column['family'] == 'unknown'
                else aegis.day_literal(cutoff, column, dialect, aegis.zone_of(rule)) if aegis.time_kind(column['type']) == 'date'
                else aegis.moment_literal(cutoff, column, dialect, aegis.zone_of(rule)) -%}
            {%- do conditions.append(column['sql'] ~ ' >= ' ~ after) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return({'scope': conditions | join(' and ') if conditions else none}) -}}
{% endmacro %}
