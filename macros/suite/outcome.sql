{#-
  The step `outcome`: a row for each rule from the one row that `joined` (names of steps, each of one row) make
  together. `said` are the columns that stand in plan['rules'], texts all of them; `numbers` are (name, type), and
  plan[name] holds an expression for each rule. Which macro makes it is said in dialect/dialect.sql.
-#}

{#- A table of numbers, one for each rule; each column chooses by it. -#}
{% macro default__aegis_outcome(plan, said, numbers, joined, dialect) %}
    {%- set slots = [] -%}
    {%- for rule in plan['rules'] -%}
        {%- do slots.append('select ' ~ loop.index ~ ' as slot') -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for name in said -%}
        {%- do columns.append((name, dialect['text'], aegis.said_as_literals(plan['rules'], name, dialect))) -%}
    {%- endfor -%}
    {%- for name, type in numbers -%}
        {%- do columns.append((name, type, plan[name])) -%}
    {%- endfor -%}
    {%- set chosen = [] -%}
    {%- for name, type, expressions in columns -%}
        {%- set branches = [] -%}
        {%- for expression in expressions -%}
            {%- if expression != 'null' -%}
                {%- do branches.append('when ' ~ loop.index ~ ' then ' ~ expression) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do chosen.append('cast(' ~ ('case slot ' ~ (branches | join(' ')) ~ ' end' if branches else 'null') ~ ' as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {{- return('outcome as (\n    select\n        ' ~ (chosen | join(',\n        ')) ~ '\n    from ('
        ~ (slots | join(' union all ')) ~ ') as slots' ~ ('\n    cross join ' if joined else '') ~ (joined | join('\n    cross join ')) ~ '\n)') -}}
{% endmacro %}

{#- What each rule says under `name`, as literals. -#}
{% macro said_as_literals(rules, name, dialect) %}
    {%- set literals = [] -%}
    {%- for rule in rules -%}
        {%- do literals.append('null' if rule[name] is none else (dialect['escape'] if '\\' in rule[name] else '') ~ "'" ~ (rule[name] | replace('\\', dialect['backslash'])
            | replace("'", dialect['apostrophe']) | replace('\n', dialect['newline'])) ~ "'") -%}
    {%- endfor -%}
    {{- return(literals) -}}
{% endmacro %}

{#- PostgreSQL plans a VALUES table that may look at what stands before it in half the time. -#}
{% macro postgres__aegis_outcome(plan, said, numbers, joined, dialect) %}
    {%- set names = [] -%}
    {%- set columns = [] -%}
    {%- for name in said -%}
        {%- do names.append(name) -%}
        {%- do columns.append((dialect['text'], aegis.said_as_literals(plan['rules'], name, dialect))) -%}
    {%- endfor -%}
    {%- for name, type in numbers -%}
        {%- do names.append(name) -%}
        {%- do columns.append((type, plan[name])) -%}
    {%- endfor -%}
    {%- set rows = [] -%}
    {%- for rule in plan['rules'] -%}
        {%- set index = loop.index0 -%}
        {%- set row = [] -%}
        {%- for type, expressions in columns -%}
            {%- do row.append('cast(' ~ expressions[index] ~ ' as ' ~ type ~ ')' if index == 0 else expressions[index]) -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ (row | join(', ')) ~ ')') -%}
    {%- endfor -%}
    {{- return('outcome as (\n    select slots.*\n    from ' ~ (joined | join('\n    cross join ')) ~ ('\n    cross join ' if joined else '')
        ~ 'lateral (values\n        ' ~ (rows | join(',\n        ')) ~ '\n    ) as slots (' ~ (names | join(', ')) ~ ')\n)') -}}
{% endmacro %}

{#-
  What the rules say as one JSON text, which DuckDB binds as one constant and not as a hundred, and a list for each
  number, all of them unfolded side by side.
-#}
{% macro duckdb__aegis_outcome(plan, said, numbers, joined, dialect) %}
    {%- set read = [] -%}
    {%- for name in said -%}
        {%- do read.append("rule ->> '" ~ name ~ "' as " ~ name) -%}
    {%- endfor -%}
    {%- set lists = [] -%}
    {%- for name, type in numbers -%}
        {%- do read.append(name) -%}
        {%- do lists.append('unnest([' ~ (plan[name] | join(', ')) ~ ']::' ~ type ~ '[]) as ' ~ name) -%}
    {%- endfor -%}
    {{- return('outcome as (\n    select\n        ' ~ (read | join(',\n        '))
        ~ "\n    from (\n        select\n            unnest(from_json('" ~ (tojson(plan['rules']) | replace("'", "''")) ~ "', '[\"json\"]')) as rule,\n            "
        ~ (lists | join(',\n            ')) ~ ('\n        from ' if joined else '') ~ (joined | join('\n        cross join ')) ~ '\n    ) as rules\n)') -}}
{% endmacro %}
