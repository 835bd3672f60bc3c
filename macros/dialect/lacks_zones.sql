{#- What the warehouse lacks to know the clocks of the world; none where it has them. -#}
{% macro lacks_zones() %}
    {{- return(adapter.dispatch('aegis_lacks_zones', 'aegis')()) -}}
{% endmacro %}

{% macro default__aegis_lacks_zones() %}
    {{- return(none) -}}
{% endmacro %}

{#- An extension that is installed is loaded when it is first needed. -#}
{% macro duckdb__aegis_lacks_zones() %}
    {%- set found = run_query("select count(*) from duckdb_extensions() where extension_name = 'icu' and (loaded or installed)").rows[0][0] -%}
    {{- return(none if found | int > 0 else "DuckDB's extension icu, which is not installed here; `install icu` installs it where there is a network") -}}
{% endmacro %}

{#- The rules, of which those that ask for a clock other than UTC's cannot run if the warehouse `lacks` it. -#}
{% macro without_zones(rules, lacks) %}
    {%- if lacks is none -%}
        {{- return(rules) -}}
    {%- endif -%}
    {%- set told = [] -%}
    {%- for rule in rules -%}
        {%- set reads = rule['since'] is defined or aegis['reads_clock_' ~ rule['type']] is defined -%}
        {%- if reads and aegis.zone_of(rule) != 'UTC' -%}
            {%- set broken = {} -%}
            {%- do broken.update(rule) -%}
            {%- do broken.update({'error': 'time_zone: ' ~ rule['time_zone'] ~ ' needs ' ~ lacks}) -%}
            {%- do told.append(broken) -%}
        {%- else -%}
            {%- do told.append(rule) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(told) -}}
{% endmacro %}
