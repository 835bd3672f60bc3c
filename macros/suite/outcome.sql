{#-
  The step `outcome`: a row for each rule from the one row that `joined` (names of steps, each of one row) make
  together. `columns` are (name, type), and plan[name] holds an expression for each rule. Which macro makes it is
  said in dialect/dialect.sql.
-#}

{#- A table of numbers, one for each rule; each column chooses by it. -#}
{% macro default__outcome(plan, columns, joined) %}
    {%- set slots = [] -%}
    {%- for rule in plan['rule_id'] -%}
        {%- do slots.append('select ' ~ loop.index ~ ' as slot') -%}
    {%- endfor -%}
    {%- set chosen = [] -%}
    {%- for name, type in columns -%}
        {%- set branches = [] -%}
        {%- for expression in plan[name] -%}
            {%- if expression != 'null' -%}
                {%- do branches.append('when ' ~ loop.index ~ ' then ' ~ expression) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do chosen.append('cast(' ~ ('case slot ' ~ (branches | join(' ')) ~ ' end' if branches else 'null') ~ ' as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {{- return('outcome as (\n    select\n        ' ~ (chosen | join(',\n        ')) ~ '\n    from ('
        ~ (slots | join(' union all ')) ~ ') as slots' ~ ('\n    cross join ' if joined else '') ~ (joined | join('\n    cross join ')) ~ '\n)') -}}
{% endmacro %}

{#- PostgreSQL plans a VALUES table that may look at what stands before it in half the time. -#}
{% macro postgres__outcome(plan, columns, joined) %}
    {%- set names = [] -%}
    {%- for name, type in columns -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {%- set rows = [] -%}
    {%- for rule in plan['rule_id'] -%}
        {%- set index = loop.index0 -%}
        {%- set row = [] -%}
        {%- for name, type in columns -%}
            {%- do row.append('cast(' ~ plan[name][index] ~ ' as ' ~ type ~ ')' if index == 0 else plan[name][index]) -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ (row | join(', ')) ~ ')') -%}
    {%- endfor -%}
    {{- return('outcome as (\n    select slots.*\n    from ' ~ (joined | join('\n    cross join ')) ~ ('\n    cross join ' if joined else '')
        ~ 'lateral (values\n        ' ~ (rows | join(',\n        ')) ~ '\n    ) as slots (' ~ (names | join(', ')) ~ ')\n)') -}}
{% endmacro %}

{#- A list for each column, all of them unfolded side by side. -#}
{% macro duckdb__outcome(plan, columns, joined) %}
    {%- set lists = [] -%}
    {%- for name, type in columns -%}
        {%- do lists.append('unnest([' ~ (plan[name] | join(', ')) ~ ']::' ~ type ~ '[]) as ' ~ name) -%}
    {%- endfor -%}
    {{- return('outcome as (\n    select\n        ' ~ (lists | join(',\n        ')) ~ ('\n    from ' if joined else '')
        ~ (joined | join('\n    cross join ')) ~ '\n)') -}}
{% endmacro %}
