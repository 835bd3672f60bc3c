{#-
  A list rule: {'error', 'value': what is looked up, 'literals', 'shown'}. A text that the column's type can read is
  compared as that type. `quote` is dbt's: true makes texts of all values first, false takes texts for the bare
  numbers, true and false that they hold. Types without literals of their own (enum, uuid, …) are compared by the text
  that the warehouse shows for them.
-#}
{% macro listed(rule, bound) %}
    {%- set column = bound['column'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set quote = rule['quote'] if rule['quote'] is defined else none -%}
    {%- set given = [rule['values']] if rule['values'] is string or rule['values'] is number or rule['values'] is boolean else rule['values'] -%}
    {%- if not given -%}
        {{- return({'error': 'values is empty: give at least one value'}) -}}
    {%- endif -%}
    {%- if column['family'] == 'text' and quote is not false and given | select('string') | list | length == given | length
        and not (dialect['escape'] and '\\' in given | join) -%}
        {#- The usual case, without a call for each value. -#}
        {{- return({'error': none, 'value': column['sql'], 'shown': "'" ~ (given | join("', '")) ~ "'",
            'literals': "'" ~ (given | map('replace', '\\', dialect['backslash']) | map('replace', "'", dialect['apostrophe'])
                | map('replace', '\n', dialect['newline']) | join("', '")) ~ "'"}) -}}
    {%- endif -%}
    {%- set as_text = column['family'] == 'other' -%}
    {%- set value = aegis.text_of(column, dialect) if as_text else column['sql'] -%}
    {%- if value is none -%}
        {{- return({'error': 'column "' ~ column['name'] ~ '" is ' ~ aegis.told_type(column) ~ ', whose text depends on settings of the session; '
            ~ 'compare it with sql_expression, cast to a number, a date or a text'}) -}}
    {%- endif -%}
    {%- set literals = [] -%}
    {%- set words = [] -%}
    {%- for entry in given -%}
        {%- set one = aegis.as_quoted(entry, quote) -%}
        {%- if one is none -%}
            {{- return({'error': 'values holds ' ~ ('NULL; nulls: pass or nulls: fail says what a missing value does' if entry is none
                else aegis.shown(entry) ~ ", which is no bare value; leave out 'quote: false'")}) -}}
        {%- endif -%}
        {%- set literal = aegis.value_as_text(one, column, dialect) if as_text else aegis.value_sql(one, column, dialect, aegis.zone_of(rule), true) -%}
        {%- if literal is none -%}
            {{- return({'error': aegis.not_comparable(column, entry)}) -}}
        {%- endif -%}
        {%- do literals.append(literal) -%}
        {%- do words.append(aegis.shown(one)) -%}
    {%- endfor -%}
    {{- return({'error': none, 'literals': literals | join(', '), 'shown': words | join(', '), 'value': value}) -}}
{% endmacro %}

{#- A value as `quote` means it: none if it cannot be that. A date that YAML has read is its text again. -#}
{% macro as_quoted(value, quote) %}
    {%- if value is none -%}
        {{- return(none) -}}
    {%- elif value is string -%}
        {%- if quote is false -%}
            {{- return({'true': true, 'false': false}[value | lower] if value | lower in ('true', 'false')
                else ({'decimal': value | trim} if aegis.is_decimal(value) else none)) -}}
        {%- endif -%}
        {{- return(value) -}}
    {%- elif value is mapping or value is number or value is boolean -%}
        {{- return(aegis.shown(value) if quote is true else value) -}}
    {%- endif -%}
    {{- return(value | string) -}}
{% endmacro %}

{#- A value for a type that is compared by its text: a text, of a UUID in the one spelling that warehouses show. -#}
{% macro value_as_text(value, column, dialect) %}
    {%- if value is not string -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- if (column['type'] | lower) == 'uuid' -%}
        {%- set digits = value | lower | replace('-', '') | replace('{', '') | replace('}', '') | trim -%}
        {%- if digits | length == 32 and not digits.strip('0123456789abcdef') -%}
            {{- return("'" ~ digits[:8] ~ '-' ~ digits[8:12] ~ '-' ~ digits[12:16] ~ '-' ~ digits[16:20] ~ '-' ~ digits[20:] ~ "'") -}}
        {%- endif -%}
    {%- endif -%}
    {{- return(aegis.text_literal(value, dialect)) -}}
{% endmacro %}
