{#-
  Is `pattern` found anywhere in `text`? `flags` is any of i (ignore case), s (the dot takes newlines),
  m (^ and $ at every line), written into the pattern, which every warehouse here understands.
  Which macro is asked is said in dialect.sql.
-#}
{#- (?ims) at the head of a pattern: RE2 (DuckDB, BigQuery), Java (Spark, Trino). -#}
{% macro flagged_pattern(pattern, flags, dialect) %}
    {{- return(aegis.text_literal(('(?' ~ flags ~ ')' if flags else '') ~ pattern, dialect)) -}}
{% endmacro %}

{% macro default__aegis_regex_found(text, pattern, flags, dialect) %}
    {{- return('regexp_like(' ~ text ~ ', ' ~ aegis.flagged_pattern(pattern, flags, dialect) ~ ')') -}}
{% endmacro %}

{% macro duckdb__aegis_regex_found(text, pattern, flags, dialect) %}
    {{- return('regexp_matches(' ~ text ~ ', ' ~ aegis.flagged_pattern(pattern, flags, dialect) ~ ')') -}}
{% endmacro %}

{#-
  PostgreSQL's own letters for the same three: i; by default its dot takes newlines and ^ $ are whole-text
  anchors, so no s means p ("partial newline-sensitive"), no s but m means n, s and m mean w.
-#}
{% macro postgres__aegis_regex_found(text, pattern, flags, dialect) %}
    {%- set newline = ('w' if 'm' in flags else 's') if 's' in flags else ('n' if 'm' in flags else 'p') -%}
    {%- set letters = ('i' if 'i' in flags else '') ~ newline -%}
    {#- A char(n) is matched without its padding. -#}
    {{- return('cast(' ~ text ~ ' as text) ~ ' ~ aegis.text_literal('(?' ~ letters ~ ')' ~ pattern, dialect)) -}}
{% endmacro %}

{% macro bigquery__aegis_regex_found(text, pattern, flags, dialect) %}
    {{- return('regexp_contains(' ~ text ~ ', ' ~ aegis.flagged_pattern(pattern, flags, dialect) ~ ')') -}}
{% endmacro %}

{% macro spark__aegis_regex_found(text, pattern, flags, dialect) %}
    {{- return(text ~ ' rlike ' ~ aegis.flagged_pattern(pattern, flags, dialect)) -}}
{% endmacro %}
