{#- Is the text empty, or nothing but white space (tabs and newlines too)? -#}
{% macro is_blank(text) %}
    {{- return(adapter.dispatch('is_blank', 'aegis')(text)) -}}
{% endmacro %}

{#- [^[:space:]] is known to every regex engine here, PostgreSQL's, RE2 and Java's alike. -#}
{% macro default__is_blank(text) %}
    {{- return('not ' ~ aegis.regex_found(text, '[^[:space:]]', '')) -}}
{% endmacro %}

{% macro spark__is_blank(text) %}
    {{- return('not ' ~ aegis.regex_found(text, '\\S', '')) -}}
{% endmacro %}

{% macro databricks__is_blank(text) %}
    {{- return(aegis.spark__is_blank(text)) -}}
{% endmacro %}

{% macro athena__is_blank(text) %}
    {{- return('not ' ~ aegis.regex_found(text, '\\S', '')) -}}
{% endmacro %}
