{#-
  The text by which people read a value of the column, as SQL, or none where that is left to the session's settings
  (how PostgreSQL writes money, bytes, intervals and what is made of times).
-#}
{% macro text_of(column, dialect) %}
    {%- if column['family'] in ('text', 'unknown') -%}
        {{- return(column['sql']) -}}
    {%- endif -%}
    {%- if column['kind'] == 'enum' -%}
        {{- return(aegis.default__aegis_as_text(column['sql'], none, dialect)) -}}
    {%- endif -%}
    {{- return(adapter.dispatch('aegis_as_text', 'aegis')(column['sql'], column['type'] | lower, dialect)) -}}
{% endmacro %}

{% macro default__aegis_as_text(sql, type, dialect) %}
    {{- return('cast(' ~ sql ~ ' as ' ~ dialect['text'] ~ ')') -}}
{% endmacro %}

{% macro bigquery__aegis_as_text(sql, type, dialect) %}
    {{- return('to_json_string(' ~ sql ~ ')' if type.split('<')[0] in ('json', 'array', 'struct') else aegis.default__aegis_as_text(sql, type, dialect)) -}}
{% endmacro %}

{% macro postgres__aegis_as_text(sql, type, dialect) %}
    {%- for part in ('money', 'bytea', 'interval', 'time', 'tsrange', 'tstzrange', 'daterange', 'tsmultirange', 'tstzmultirange', 'datemultirange') if part in type -%}
        {{- return(none) -}}
    {%- endfor -%}
    {%- if type.startswith('date') -%}
        {{- return(none) -}}
    {%- endif -%}
    {#- A cast would show an address with the length of its net, which nobody writes. -#}
    {{- return('abbrev(' ~ sql ~ ')' if type == 'inet' else 'cast(' ~ sql ~ ' as text)') -}}
{% endmacro %}

{#-
  The same for a rule about texts, or none where the type is no text to people: numbers, times, nested types, bytes.
-#}
{% macro readable_text(column, dialect) %}
    {%- set plain = (column['type'] | lower).split('(')[0] -%}
    {%- if column['family'] in ('text', 'unknown') or column['kind'] == 'enum'
        or plain in ('enum', 'uuid', 'json', 'jsonb', 'xml', 'inet', 'cidr', 'macaddr', 'macaddr8', '"char"', 'variant') -%}
        {{- return(aegis.text_of(column, dialect)) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}
