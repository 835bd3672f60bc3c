{#-
  The single statement of a table, as text. No query is run here: `facts` and `ranges` say what is known of the
  relations. Its shape:

      checked    one scan of the table: a boolean for each condition (c… who is checked, p… who fails)
      measured   one row: the counts and aggregates of all rules
      b…         one row for each rule that needs its own grouping (unique, foreign_key, custom_sql)
      rules      the constants of each rule
      outcome    a rule with its numbers
      select     the verdicts

  Columns: rule_id, rule_type, severity, level, column_name, status (pass|fail|error), rows_checked, rows_failed,
  observed, expected, failing_keys, failing_rows_sql, message.

  A macro call costs dbt as much as twenty concatenations, so what every rule needs is written out here.
  (Not called `statement`: dbt has a macro of that name, and ours would stand before it in a project called aegis.)
-#}
{% macro suite_statement(relation, rules, references, keys, facts, ranges) %}
    {%- set dialect = aegis.dialect() -%}
    {%- set table = {'relation': relation, 'index': aegis.column_index(facts['']['columns']), 'references': references, 'facts': facts,
        'dialect': dialect, 'key': none} -%}
    {%- if keys -%}
        {%- do table.update({'key': aegis.key_of(keys, table)}) -%}
    {%- endif -%}
    {%- set plan = {'counts': {}, 'keys_passed': {}, 'checked': [], 'measured': [], 'before': [], 'after': [], 'rules': [], 'scopes': [],
        'rows_checked': [], 'rows_failed': [], 'observed': [], 'keys': [], 'breached': [], 'warned': []} -%}
    {%- for rule in rules -%}
        {%- set slot = loop.index -%}
        {%- set bound = aegis.bind(rule, slot, table) -%}
        {%- set made = bound if bound['error'] is defined else aegis['rule_' ~ rule['type']](rule, bound) -%}
        {%- if made['error'] is defined and made['error'] is not none -%}
            {%- set texts = (none, none, made['error']) -%}
        {%- else -%}
            {%- set rows_sql = aegis['plan_' ~ made['kind']](plan, rule, bound, made, ranges) -%}
            {%- set texts = (made['expected'], rows_sql, none) -%}
            {%- if rule['max_failed_pct'] is defined or rule['max_failed_rows'] is defined or rule['warn_pct'] is defined or made['max_failed_pct'] is defined -%}
                {%- do aegis.plan_verdict(plan, rule, made, slot) -%}
            {%- endif -%}
        {%- endif -%}
        {%- set column = rule['column'] if rule['column'] is defined else (rule['columns'] | join(', ') if rule['columns'] is defined else none) -%}
        {%- set row = [slot] -%}
        {%- for text in (rule['id'], rule['type'], rule['severity'], rule['level'], column) + texts -%}
            {%- do row.append('null' if text is none else "'" ~ (text | replace('\\', dialect['backslash'])
                | replace("'", dialect['apostrophe']) | replace('\n', dialect['newline'])) ~ "'") -%}
        {%- endfor -%}
        {%- do plan['rules'].append(row | join(', ')) -%}
    {%- endfor -%}
    {{- return(aegis.written(relation, plan, dialect)) -}}
{% endmacro %}

{#-
  When a rule counts as broken: any failed row, or, with a tolerance, more than it allows. The percentage is
  compared without a division (100 × failed > allowed × checked), so it is exact and an empty table passes.
-#}
{% macro plan_verdict(plan, rule, made, slot) %}
    {%- set pct = made['max_failed_pct'] if made['max_failed_pct'] is defined else rule['max_failed_pct'] -%}
    {%- set conditions = [] -%}
    {%- if pct is defined and pct is not none -%}
        {%- do conditions.append('100 * rows_failed > ' ~ aegis.shown(pct) ~ ' * rows_checked') -%}
    {%- endif -%}
    {%- if rule['max_failed_rows'] is defined and rule['max_failed_rows'] is not none -%}
        {%- do conditions.append('rows_failed > ' ~ aegis.shown(rule['max_failed_rows'])) -%}
    {%- endif -%}
    {%- if conditions -%}
        {%- do plan['breached'].append('when ' ~ slot ~ ' then ' ~ (conditions | join(' or '))) -%}
    {%- endif -%}
    {%- if rule['warn_pct'] is defined and rule['warn_pct'] is not none -%}
        {%- do plan['warned'].append('when ' ~ slot ~ ' then 100 * rows_failed > ' ~ aegis.shown(rule['warn_pct']) ~ ' * rows_checked') -%}
    {%- endif -%}
{% endmacro %}

{#- The plan as SQL. -#}
{% macro written(relation, plan, dialect) %}
    {%- set text = dialect['text'] -%}
    {%- set steps = [] -%}
    {%- set sources = [relation | string] -%}
    {%- for step in plan['before'] -%}
        {%- do steps.append(step['name'] ~ ' as (\n    ' ~ step['sql'] ~ '\n)') -%}
        {%- do sources.append(step['name']) -%}
    {%- endfor -%}
    {%- set joined = ['rules'] -%}
    {%- if plan['measured'] -%}
        {%- set pushed = aegis.pushed(plan['scopes']) -%}
        {%- do steps.append('checked as (\n    select\n        ' ~ ((plan['checked'] or ['1 as one']) | join(',\n        '))
            ~ '\n    from ' ~ (sources | join('\n    cross join ')) ~ ('\n    where ' ~ pushed if pushed else '') ~ '\n)') -%}
        {%- do steps.append('measured as (\n    select\n        ' ~ (plan['measured'] | join(',\n        ')) ~ '\n    from checked\n)') -%}
        {%- do joined.append('measured') -%}
    {%- endif -%}
    {%- for step in plan['after'] -%}
        {%- do steps.append(step['name'] ~ ' as (\n    ' ~ step['sql'] ~ '\n)') -%}
        {%- do joined.append(step['name']) -%}
    {%- endfor -%}
    {%- do steps.append(aegis.rule_rows(plan['rules'])) -%}
    {%- set numbers = [] -%}
    {%- for name, branches, type in (('rows_checked', plan['rows_checked'], 'bigint'), ('rows_failed', plan['rows_failed'], 'bigint'),
        ('observed', plan['observed'], text), ('failing_keys', plan['keys'], text)) -%}
        {%- do numbers.append('cast(' ~ ('case slot ' ~ (branches | join(' ')) ~ ' end' if branches else 'null') ~ ' as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {%- do steps.append('outcome as (\n    select\n        rules.*,\n        ' ~ (numbers | join(',\n        ')) ~ '\n    from '
        ~ (joined | join('\n    cross join ')) ~ '\n)') -%}
    {%- do steps.append('judged as (\n    select\n        outcome.*,\n        '
        ~ ('case slot ' ~ (plan['breached'] | join(' ')) ~ ' else rows_failed > 0 end' if plan['breached'] else 'rows_failed > 0') ~ ' as breached,\n        '
        ~ ('case slot ' ~ (plan['warned'] | join(' ')) ~ ' else false end' if plan['warned'] else 'false') ~ ' as warned\n    from outcome\n)') -%}
with {{ steps | join(',\n') }}
select
    rule_id,
    rule_type,
    severity,
    case when warned and not breached and level = 'error' then 'warn' else level end as level,
    cast(column_name as {{ text }}) as column_name,
    case when problem is not null then 'error' when breached or warned then 'fail' else 'pass' end as status,
    rows_checked,
    rows_failed,
    observed,
    cast(expected as {{ text }}) as expected,
    case when rows_failed > 0 then failing_keys end as failing_keys,
    cast(failing_rows_sql as {{ text }}) as failing_rows_sql,
    case
        when problem is not null then problem
        when breached or warned then coalesce(observed, cast(rows_failed as {{ text }}) || ' of ' || cast(rows_checked as {{ text }}) || ' rows fail')
            || coalesce('; expected ' || expected, '')
    end as message
from judged
{% endmacro %}

{#- Where every rule looks at part of the table only, the scan reads no more than those parts. -#}
{% macro pushed(scopes) %}
    {%- set distinct = [] -%}
    {%- for scope in scopes -%}
        {%- if not scope -%}
            {{- return(none) -}}
        {%- elif scope not in distinct -%}
            {%- do distinct.append(scope) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(('(' ~ (distinct | join(') or (')) ~ ')') if distinct else none) -}}
{% endmacro %}

{#- The constants as a table. -#}
{% macro rule_rows(rows) %}
    {{- return(adapter.dispatch('rule_rows', 'aegis')(rows)) -}}
{% endmacro %}

{% macro default__rule_rows(rows) %}
    {{- return('rules (slot, rule_id, rule_type, severity, level, column_name, expected, failing_rows_sql, problem) as (\n    values\n    ('
        ~ (rows | join('),\n    (')) ~ ')\n)') -}}
{% endmacro %}

{#- BigQuery has no VALUES table and no column list behind a CTE's name. -#}
{% macro bigquery__rule_rows(rows) %}
    {{- return('rules as (\n    select * from unnest(array<struct<slot int64, rule_id string, rule_type string, severity string, level string, '
        ~ 'column_name string, expected string, failing_rows_sql string, problem string>>[\n    ('
        ~ (rows | join('),\n    (')) ~ ')])\n)') -}}
{% endmacro %}
