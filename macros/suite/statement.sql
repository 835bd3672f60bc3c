{#-
  The single statement of a table, as text. No query is run here: `facts` says what columns the relations
  have. Its shape:

      checked    one scan of the table: a boolean for each condition (counted_… who is checked, fails_… who fails)
      measured   one row: the counts and aggregates of all rules (rows_… that are checked, failed_… of them)
      rule_…     one row for each rule that needs its own grouping (unique, foreign_key, custom_sql)
      outcome    a row for each rule: its constants and its numbers
      select     the verdicts

  Columns: rule_id, rule_type, severity, level, column_name, status (pass|fail|error), rows_checked, rows_failed,
  observed, expected, failing_keys, failing_rows_sql, message, and `stamps`: {name: text}, the same in every row.
  (Not called `statement`: dbt has a macro of that name, and ours would stand before it in a project called aegis.)

  A planner (plan_<kind>) adds its parts to `plan` and returns for its rule: rows_failed, observed, keys (SQL
  over the names of the steps), rows_sql, and rows_checked. Where rows of the table are what it checks, rows_checked is
  plan['counts'][counted] or rows_<slot>, `counted` the condition they satisfy ('': all rows), and `value` the SQL that the
  condition asks to be there, where it asks nothing else.

  With `noted`, the id of its rule stands behind each line of `checked` and `measured`, and each step of its own.

  A macro call costs dbt as much as twenty concatenations, so what every rule needs is written out here.
-#}
{% macro suite_statement(relation, rules, references, keys, facts, stamps={}, noted=false) %}
    {%- set dialect = facts['']['dialect'] or aegis.dialect() -%}
    {%- set table = aegis.table_of(relation, facts['']['columns'], dialect) -%}
    {#- A `where` of dbt's own: it belongs to the one rule of a generic test. -#}
    {%- if relation is string and "'" in relation -%}
        {%- set relation = aegis.literals_in_zone(relation, {'table': table, 'zone': aegis.zone_of(rules[0])}) -%}
        {%- do table.update({'relation': relation}) -%}
    {%- endif -%}
    {%- do table.update({'references': references, 'facts': facts, 'key': aegis.key_of(keys, table) if keys else none}) -%}
    {%- set plan = {'counts': {}, 'keys_passed': {}, 'checked': [], 'measured': [], 'notes': {'checked': [], 'measured': [], 'after': []}, 'before': [], 'after': [], 'scopes': [], 'tolerant': [],
        'rules': [], 'broken': [], 'rows_checked': [], 'rows_failed': [], 'observed': [], 'failing_keys': [], 'breached': [], 'warned': []} -%}
    {%- set nothing = {'rows_checked': 'null', 'rows_failed': 'null', 'observed': 'null', 'keys': 'null', 'rows_sql': none} -%}
    {%- set bounds = aegis.bind(rules, table) -%}
    {%- for rule in rules -%}
        {%- set bound = bounds[loop.index0] -%}
        {%- set made = bound if bound['error'] is defined else aegis['rule_' ~ rule['type']](rule, bound) -%}
        {%- set problem = made['error'] if made['error'] is defined else none -%}
        {%- set numbers = aegis['plan_' ~ made['kind']](plan, rule, bound, made) if problem is none else nothing -%}
        {#- Rules that check the same rows share their count. -#}
        {%- if numbers['counted'] is defined and numbers['counted'] not in plan['counts'] -%}
            {%- do plan['counts'].update({numbers['counted']: numbers['rows_checked']}) -%}
            {%- if numbers['counted'] -%}
                {%- do plan['checked'].append((numbers['value'] or numbers['counted']) ~ ' as counted_' ~ loop.index) -%}
            {%- endif -%}
            {%- do plan['measured'].append(('count(*)' if not numbers['counted'] else 'count(counted_' ~ loop.index ~ ')' if numbers['value']
                else dialect['count_if'] | replace('{}', 'counted_' ~ loop.index)) ~ ' as ' ~ numbers['rows_checked']) -%}
        {%- endif -%}
        {%- if noted -%}
            {%- for step in ('checked', 'measured', 'after') -%}
                {%- for _ in range(plan['notes'][step] | length, plan[step] | length) -%}
                    {%- do plan['notes'][step].append('  -- ' ~ rule['id']) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do plan['rows_checked'].append(numbers['rows_checked']) -%}
        {%- do plan['rows_failed'].append(numbers['rows_failed']) -%}
        {%- do plan['observed'].append(numbers['observed']) -%}
        {%- do plan['failing_keys'].append(numbers['keys']) -%}
        {%- if rule['max_failed_pct'] is defined or rule['max_failed_rows'] is defined or rule['warn_pct'] is defined or made['max_failed_pct'] is defined -%}
            {%- do plan['tolerant'].append(rule['id']) -%}
            {%- do aegis.judge(plan, rule, made, numbers) -%}
        {%- else -%}
            {%- do plan['breached'].append(numbers['rows_failed'] ~ ' > 0') -%}
            {%- do plan['warned'].append('false') -%}
        {%- endif -%}
        {%- if problem is not none -%}
            {%- if rule['alone'] is defined -%}
                {{- exceptions.raise_compiler_error(problem) -}}
            {%- endif -%}
            {%- do plan['broken'].append(rule['id']) -%}
        {%- endif -%}
        {%- do plan['rules'].append({
            'rule_id': rule['id'],
            'rule_type': rule['type'],
            'severity': rule['severity'],
            'level': rule['level'],
            'column_name': rule['column'] if rule['column'] is defined else (rule['columns'] | join(', ') if rule['columns'] is defined else none),
            'expected': made['expected'] if problem is none else none,
            'failing_rows_sql': numbers['rows_sql'],
            'problem': problem
        }) -%}
    {%- endfor -%}
    {{- return(aegis.written(relation, plan, dialect, stamps)) -}}
{% endmacro %}

{#-
  When a rule with a tolerance counts as broken: when more failed than it allows. The percentage is compared without
  a division (100 × failed > allowed × checked), so it is exact and an empty table passes.
-#}
{% macro judge(plan, rule, made, numbers) %}
    {%- set failed = '(' ~ numbers['rows_failed'] ~ ')' -%}
    {%- set pct = made['max_failed_pct'] if made['max_failed_pct'] is defined else rule['max_failed_pct'] -%}
    {%- set conditions = [] -%}
    {%- if pct is defined and pct is not none -%}
        {%- do conditions.append('100 * ' ~ failed ~ ' > ' ~ aegis.shown(pct) ~ ' * ' ~ numbers['rows_checked']) -%}
    {%- endif -%}
    {%- if rule['max_failed_rows'] is defined and rule['max_failed_rows'] is not none -%}
        {%- do conditions.append(failed ~ ' > ' ~ aegis.shown(rule['max_failed_rows'])) -%}
    {%- endif -%}
    {%- do plan['breached'].append(conditions | join(' or ') if conditions else failed ~ ' > 0') -%}
    {%- do plan['warned'].append('false' if rule['warn_pct'] is not defined or rule['warn_pct'] is none
        else '100 * ' ~ failed ~ ' > ' ~ aegis.shown(rule['warn_pct']) ~ ' * ' ~ numbers['rows_checked']) -%}
{% endmacro %}

{#- The plan as SQL. -#}
{% macro written(relation, plan, dialect, stamps) %}
    {%- set text = dialect['text'] -%}
    {%- set steps = [] -%}
    {%- set sources = [relation | string] -%}
    {%- for step in plan['before'] -%}
        {%- do steps.append(step['name'] ~ ' as (\n    ' ~ step['sql'] ~ '\n)') -%}
        {%- do sources.append(step['name']) -%}
    {%- endfor -%}
    {%- set joined = [] -%}
    {%- if plan['measured'] -%}
        {%- set pushed = aegis.pushed(plan['scopes']) -%}
        {%- do steps.append('checked as (\n    select\n        ' ~ aegis.lines_of(plan['checked'] or ['1 as one'], plan['notes']['checked'])
            ~ '\n    from ' ~ (sources | join('\n    cross join ')) ~ ('\n    where ' ~ pushed if pushed else '') ~ '\n)') -%}
        {%- do steps.append('measured as (\n    select\n        ' ~ aegis.lines_of(plan['measured'], plan['notes']['measured']) ~ '\n    from checked\n)') -%}
        {%- do joined.append('measured') -%}
    {%- endif -%}
    {%- for step in plan['after'] -%}
        {%- do steps.append(step['name'] ~ ' as (' ~ (plan['notes']['after'][loop.index0] if plan['notes']['after'] else '') ~ '\n    ' ~ step['sql'] ~ '\n)') -%}
        {%- do joined.append(step['name']) -%}
    {%- endfor -%}
    {#- What the rules say, as texts; then what the warehouse computes, each with its type. -#}
    {%- set said = ['rule_id', 'rule_type', 'severity', 'level', 'column_name', 'expected', 'failing_rows_sql'] -%}
    {%- set numbers = [('rows_checked', 'bigint'), ('rows_failed', 'bigint'), ('observed', text), ('failing_keys', text)] -%}
    {%- if plan['broken'] -%}
        {%- do said.append('problem') -%}
    {%- endif -%}
    {%- if plan['tolerant'] -%}
        {%- do numbers.extend([('breached', 'boolean'), ('warned', 'boolean')]) -%}
    {%- endif -%}
    {%- do steps.append(dialect['outcome'](plan, said, numbers, joined, dialect)) -%}
    {%- set fails = 'breached or warned' if plan['tolerant'] else 'rows_failed > 0' -%}
with {{ steps | join(',\n') }}
select
    rule_id,
    rule_type,
    severity,
    {% if plan['tolerant'] %}case when warned and not breached and level = 'error' then 'warn' else level end as {% endif %}level,
    column_name,
    case {% if plan['broken'] %}when problem is not null then 'error' {% endif %}when {{ fails }} then 'fail' else 'pass' end as status,
    {% for name in ('rows_checked', 'rows_failed') -%}
    cast({% if plan['broken'] %}case when problem is null then coalesce({{ name }}, 0) end{% else %}coalesce({{ name }}, 0){% endif %} as bigint) as {{ name }},
    {% endfor -%}
    observed,
    expected,
    case when rows_failed > 0 then failing_keys end as failing_keys,
    failing_rows_sql,
    case
        {% if plan['broken'] %}when problem is not null then problem
        {% endif %}when {{ fails }} then coalesce(observed, cast(rows_failed as {{ text }}) || ' of ' || cast(rows_checked as {{ text }}) || ' rows fail')
            || coalesce('; expected ' || expected, '')
    end as message
    {%- for name, value in stamps.items() %},
    {{ aegis.text_literal(value, dialect) }} as {{ name }}
    {%- endfor %}
from outcome
{% endmacro %}

{#- Columns of a select, each on a line of its own, with its note behind it where there are notes. -#}
{% macro lines_of(columns, notes) %}
    {%- if not notes -%}
        {{- return(columns | join(',\n        ')) -}}
    {%- endif -%}
    {%- set lines = [] -%}
    {%- for column in columns -%}
        {%- do lines.append(column ~ ('' if loop.last else ',') ~ notes[loop.index0]) -%}
    {%- endfor -%}
    {{- return(lines | join('\n        ')) -}}
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
