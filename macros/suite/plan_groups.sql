{#-
  kind: groups. Rows that share their values with an earlier row fail.
  made = {columns, nulls_equal, expected}: a group is a combination of `columns`; rows_failed counts the rows beyond
  the first of each group, observed the groups that occur more than once, failing_keys a few of them. Without
  nulls_equal a row with a NULL is not checked; with nulls: fail it fails.
  Where distinct values can be counted within the scan (distinct_values), the grouping is read only if something
  failed: its condition is false for every row otherwise.
-#}
{% macro plan_groups(plan, rule, bound, made, ranges) %}
    {%- set slot = bound['slot'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set columns = made['columns'] -%}
    {%- set nulls_fail = not made['nulls_equal'] and rule['nulls'] is defined and rule['nulls'] == 'fail' -%}
    {%- set names = columns | map(attribute='sql') | join(', ') -%}
    {%- set present = (columns | map(attribute='sql') | join(' is not null and ')) ~ ' is not null' -%}
    {%- set grouping = bound['scope'] if made['nulls_equal'] else (bound['scope'] ~ ' and ' ~ present if bound['scope'] else present) -%}
    {%- set checks = bound['scope'] if nulls_fail else grouping -%}
    {%- set relation = bound['table']['relation'] | string -%}
    {%- set distinct = aegis.distinct_values(columns, bound['scope'], ranges, made['nulls_equal'], 'v' ~ slot) -%}
    {%- set gate = '' -%}
    {%- if distinct -%}
        {%- set checked = aegis.counted(plan, checks, dialect) -%}
        {%- do plan['scopes'].append(bound['scope']) -%}
        {%- do plan['checked'].append(distinct['value'] ~ ' as v' ~ slot) -%}
        {%- do plan['measured'].append(distinct['count'] ~ ' as d' ~ slot) -%}
        {%- do plan['rows_checked'].append('when ' ~ slot ~ ' then ' ~ checked) -%}
        {%- do plan['rows_failed'].append('when ' ~ slot ~ ' then ' ~ checked ~ ' - d' ~ slot) -%}
        {%- set gate = '(select ' ~ checked ~ ' - d' ~ slot ~ ' from measured) > 0' -%}
    {%- else -%}
        {%- do plan['rows_checked'].append('when ' ~ slot ~ ' then b' ~ slot ~ '.n_rows') -%}
        {%- do plan['rows_failed'].append('when ' ~ slot ~ ' then b' ~ slot ~ '.n_extra') -%}
    {%- endif -%}
    {%- set filter = (checks ~ ' and ' if checks and gate else checks or '') ~ gate -%}
    {%- set again = 'n_in_group > 1 and ' ~ present if nulls_fail else 'n_in_group > 1' -%}
    {%- set extra = 'n_in_group - case when ' ~ present ~ ' then 1 else 0 end' if nulls_fail else 'n_in_group - 1' -%}
    {%- set key = aegis.as_key(columns, dialect) if dialect['first_keys'] else none -%}
    {%- do plan['after'].append({'name': 'b' ~ slot, 'sql':
        'select ' ~ ('' if distinct else 'cast(coalesce(sum(n_in_group), 0) as bigint) as n_rows, cast(coalesce(sum(' ~ extra ~ '), 0) as bigint) as n_extra, ')
        ~ (dialect['count_if'] | replace('{}', again)) ~ ' as n_groups'
        ~ (', ' ~ (dialect['first_keys'] | replace('{key}', key) | replace('{condition}', again)) ~ ' as failing_keys' if key else '')
        ~ '\n    from (select ' ~ names ~ ', count(*) as n_in_group from ' ~ relation ~ (' where ' ~ filter if filter else '')
        ~ ' group by ' ~ names ~ ') as grouped'}) -%}
    {%- set things = ('value occurs', 'values occur') if columns | length == 1 else ('combination occurs', 'combinations occur') -%}
    {%- do plan['observed'].append('when ' ~ slot ~ ' then case when b' ~ slot ~ '.n_groups > 0 then cast(b' ~ slot ~ '.n_groups as '
        ~ dialect['text'] ~ ') || case when b' ~ slot ~ ".n_groups = 1 then ' " ~ things[0] ~ "' else ' " ~ things[1] ~ "' end || ' more than once' end") -%}
    {%- if key -%}
        {%- do plan['keys'].append('when ' ~ slot ~ ' then b' ~ slot ~ '.failing_keys') -%}
    {%- endif -%}
    {%- set within = ' where ' ~ grouping if grouping else '' -%}
    {%- set matches = [] -%}
    {%- for column in columns -%}
        {%- do matches.append('(t.' ~ column['sql'] ~ ' = d.' ~ column['sql']
            ~ (' or t.' ~ column['sql'] ~ ' is null and d.' ~ column['sql'] ~ ' is null' if made['nulls_equal'] else '') ~ ')') -%}
    {%- endfor -%}
    {{- return('select t.* from (select * from ' ~ relation ~ within ~ ') as t join (select ' ~ names ~ ' from ' ~ relation ~ within
        ~ ' group by ' ~ names ~ ' having count(*) > 1) as d on ' ~ (matches | join(' and '))) -}}
{% endmacro %}
