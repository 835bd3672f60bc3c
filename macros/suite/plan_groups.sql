{#-
  kind: groups. Rows that share their values with an earlier row fail.
  made = {columns, nulls_equal, expected}: a group is a combination of `columns`; rows_failed counts the rows beyond
  the first of each group, observed the groups that occur more than once, failing_keys a few of them.
  Where one value can be counted within the scan (distinct_values), the grouping is read only if something failed:
  its condition is false for every row otherwise, and costs nothing.
-#}
{% macro plan_groups(plan, rule, bound, made, ranges) %}
    {%- set slot = bound['slot'] -%}
    {%- set names = [] -%}
    {%- set present = [] -%}
    {%- for column in made['columns'] -%}
        {%- do names.append(column['sql']) -%}
        {%- do present.append(column['sql'] ~ ' is not null') -%}
    {%- endfor -%}
    {%- set condition = bound['scope'] if made['nulls_equal'] else aegis.both(bound['scope'], present | join(' and ')) -%}
    {%- set range = ranges[made['columns'][0]['name']] if made['columns'][0]['name'] in ranges else none -%}
    {%- set within = aegis.distinct_values('v' ~ slot, range) if names | length == 1 and not made['nulls_equal'] else none -%}
    {%- set gate = none -%}
    {%- if within is not none -%}
        {%- do plan['scopes'].append(bound['scope']) -%}
        {%- set value = names[0] if bound['scope'] is none else 'case when ' ~ bound['scope'] ~ ' then ' ~ names[0] ~ ' end' -%}
        {%- do plan['checked'].append(value ~ ' as v' ~ slot) -%}
        {%- do plan['measured'].append('count(v' ~ slot ~ ') as n_' ~ slot) -%}
        {%- do plan['measured'].append('count(v' ~ slot ~ ') - ' ~ within ~ ' as f' ~ slot) -%}
        {%- do plan['rows_checked'].append('when ' ~ slot ~ ' then n_' ~ slot) -%}
        {%- do plan['rows_failed'].append('when ' ~ slot ~ ' then f' ~ slot) -%}
        {%- set gate = '(select f' ~ slot ~ ' from measured) > 0' -%}
    {%- else -%}
        {%- do plan['rows_checked'].append('when ' ~ slot ~ ' then b' ~ slot ~ '.n_rows') -%}
        {%- do plan['rows_failed'].append('when ' ~ slot ~ ' then b' ~ slot ~ '.n_extra') -%}
    {%- endif -%}
    {%- set filter = aegis.both(condition, gate) if gate is not none else condition -%}
    {%- set grouped = 'select ' ~ (names | join(', ')) ~ ', count(*) as n_in_group from ' ~ bound['relation']
        ~ (' where ' ~ filter if filter is not none else '') ~ ' group by ' ~ (names | join(', ')) -%}
    {%- do plan['after'].append({'name': 'b' ~ slot, 'sql':
        'select coalesce(sum(n_in_group), 0) as n_rows, coalesce(sum(n_in_group - 1), 0) as n_extra, '
        ~ aegis.count_if('n_in_group > 1') ~ ' as n_groups, ' ~ aegis.first_keys(names, 'n_in_group > 1') ~ ' as failing_keys\n    from ('
        ~ grouped ~ ') as grouped'}) -%}
    {%- do plan['observed'].append('when ' ~ slot ~ " then case when b" ~ slot ~ ".n_groups > 0 then cast(b" ~ slot ~ ".n_groups as "
        ~ aegis.type_text() ~ ") || case when b" ~ slot ~ ".n_groups = 1 then ' value occurs' else ' values occur' end || ' more than once' end") -%}
    {%- do plan['keys'].append('when ' ~ slot ~ ' then b' ~ slot ~ '.failing_keys') -%}
    {%- set matches = [] -%}
    {%- for name in names -%}
        {%- do matches.append('(t.' ~ name ~ ' = d.' ~ name ~ (' or t.' ~ name ~ ' is null and d.' ~ name ~ ' is null' if made['nulls_equal'] else '') ~ ')') -%}
    {%- endfor -%}
    {%- do made.update({'rows_sql': 'select t.* from (select * from ' ~ bound['relation'] ~ (' where ' ~ condition if condition is not none else '')
        ~ ') as t join (select ' ~ (names | join(', ')) ~ ' from ' ~ bound['relation'] ~ (' where ' ~ condition if condition is not none else '')
        ~ ' group by ' ~ (names | join(', ')) ~ ' having count(*) > 1) as d on ' ~ (matches | join(' and '))}) -%}
{% endmacro %}
