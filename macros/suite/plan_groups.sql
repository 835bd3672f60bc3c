{#-
  kind: groups. Rows that share their values with an earlier row fail.
  made = {columns, nulls_equal, expected}: a group is a combination of `columns`; rows_failed counts the rows beyond
  the first of each group, observed tells how many groups occur more than once, failing_keys are a few of them. Without
  nulls_equal a row with a NULL is not checked; with nulls: fail it fails.
  Where the scan can prove that nothing is repeated (distinct_places), the grouping is read only if it did not, and then
  only for rows that may be repeated.
-#}
{% macro plan_groups(plan, rule, bound, made) %}
    {%- set slot = bound['slot'] -%}
    {%- set dialect = bound['table']['dialect'] -%}
    {%- set columns = made['columns'] -%}
    {%- set nulls_fail = not made['nulls_equal'] and rule['nulls'] is defined and rule['nulls'] == 'fail' -%}
    {%- set names = columns | map(attribute='sql') | join(', ') -%}
    {#- Inside, the columns go by names of ours: theirs may be that of the count. -#}
    {%- set inner = [] -%}
    {%- set renamed = [] -%}
    {%- for column in columns -%}
        {%- do inner.append({'sql': 'k' ~ loop.index, 'family': column['family'], 'type': column['type']}) -%}
        {%- do renamed.append(column['sql'] ~ ' as k' ~ loop.index) -%}
    {%- endfor -%}
    {%- set present = (columns | map(attribute='sql') | join(' is not null and ')) ~ ' is not null' -%}
    {%- set grouped = bound['scope'] or '' if made['nulls_equal'] else (bound['scope'] ~ ' and ' ~ present if bound['scope'] else present) -%}
    {%- set checks = bound['scope'] or '' if nulls_fail else grouped -%}
    {%- set relation = bound['table']['relation'] | string -%}
    {%- set value = columns[0]['sql'] if checks == columns[0]['sql'] ~ ' is not null' and columns[0]['kind'] != 'composite' else none -%}
    {%- set rows = plan['counts'][checks] or 'rows_' ~ slot -%}
    {%- do plan['scopes'].append(bound['scope']) -%}
    {%- set ranges = bound['table']['facts']['']['ranges'] -%}
    {%- set places = dialect['distinct_places'](columns, bound['scope'], ranges, 'value_' ~ slot) if ranges else none -%}
    {%- set gate = '' -%}
    {%- if places -%}
        {%- do plan['checked'].append(places['value'] ~ ' as value_' ~ slot) -%}
        {%- do plan['measured'].append(places['count'] ~ ' as places_' ~ slot) -%}
        {%- set gate = 'coalesce((select places_' ~ slot ~ ' < ' ~ rows ~ ' from measured), true)' -%}
    {%- endif -%}
    {%- set filter = checks ~ ' and ' ~ gate if checks and gate else checks or gate -%}
    {%- if places and places['bucket'] is defined -%}
        {%- set filter = filter ~ ' and ((' ~ places['value'] ~ ') is null or ' ~ places['bucket'] ~ ' in (select ' ~ places['bucket']
            ~ ' from ' ~ relation ~ ' where ' ~ filter ~ ' group by 1 having ' ~ places['crowded'] ~ '))' -%}
    {%- endif -%}
    {#- Only a rule on one column can say nulls: fail. -#}
    {%- set extra = 'n_in_group - case when k1 is null then 0 else 1 end' if nulls_fail else 'n_in_group - 1' -%}
    {%- set key = aegis.as_key(inner, dialect) if dialect['first_keys'] else none -%}
    {%- set keys = dialect['first_keys'] | replace('{condition}', 'k1 is not null') if nulls_fail else dialect['keys'] -%}
    {%- do plan['after'].append({'name': 'rule_' ~ slot, 'sql':
        'select coalesce(sum(' ~ extra ~ '), 0) as n_extra, ' ~ (dialect['count_if'] | replace('{}', 'k1 is not null') if nulls_fail else 'count(*)') ~ ' as n_groups'
        ~ (', ' ~ (keys | replace('{key}', key)) ~ ' as failing_keys' if key else '')
        ~ '\n    from (select ' ~ (renamed | join(', ')) ~ ', count(*) as n_in_group from ' ~ relation ~ (' where ' ~ filter if filter else '')
        ~ ' group by ' ~ names ~ ' having count(*) > 1' ~ (' or not (' ~ present ~ ')' if nulls_fail else '') ~ ') as grouped'}) -%}
    {%- set within = ' where ' ~ grouped if grouped else '' -%}
    {%- set matches = [] -%}
    {%- for column in columns -%}
        {%- set here, there = 't.' ~ column['sql'], 'd.' ~ column['sql'] -%}
        {%- if column['family'] == 'other' -%}
            {%- set here, there = aegis.as_base(here, column), aegis.as_base(there, column) -%}
        {%- endif -%}
        {%- do matches.append(dialect['same'](here, there) if made['nulls_equal'] else '(' ~ here ~ ' = ' ~ there ~ ')') -%}
    {%- endfor -%}
    {%- set unit = 'value' if columns | length == 1 else 'combination' -%}
    {%- set groups = 'rule_' ~ slot ~ '.n_groups' -%}
    {{- return({'counted': checks, 'value': value, 'rows_checked': rows, 'rows_failed': 'rule_' ~ slot ~ '.n_extra',
        'observed': 'case when ' ~ groups ~ ' = 1 then \'1 ' ~ unit ~ ' occurs more than once\' when ' ~ groups ~ ' > 1 then cast(' ~ groups ~ ' as '
            ~ dialect['text'] ~ ") || ' " ~ unit ~ "s occur more than once' end",
        'keys': 'rule_' ~ slot ~ '.failing_keys' if key else 'null',
        'rows_sql': 'select t.* from (select * from ' ~ relation ~ within ~ ') as t join (select ' ~ names ~ ' from ' ~ relation ~ within
            ~ ' group by ' ~ names ~ ' having count(*) > 1) as d on ' ~ (matches | join(' and '))}) -}}
{% endmacro %}
