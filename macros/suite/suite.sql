{#-
  The one test of a table: every rule as one row of one statement. The generated files call it:

      {{ aegis.suite(ref('orders'), rules, references={'customers': ref('customers')}, keys=['order_id']) }}

  Returns one row per rule, failed or not, with the columns listed in suite/statement.sql, and its invocation_id.
  `rules` are the argument lists that `aegis compile` writes, `references` the relations that rules name beside
  the table itself, `keys` the columns by which a person finds a row, `facts` what relation_facts would find, where the
  caller knows it.
  What is asked of the warehouse before the statement is asked here; all else is text made from text.

  The rows are stored; dbt counts the rules that failed, and takes the worst level among them. dbt 2 need not
  analyse the statement: the warehouse will.

  What a project sets for all its tests (data_tests: in dbt_project.yml) must not change what a suite says: each of
  these is said here, as only what is said in the file wins. A limit of none would be taken for no answer by dbt 1
  and dbt 2 alike. Whether a suite runs (enabled, tags) and where its rows go (schema, database) is the project's.
-#}
{% macro suite(relation, rules, references={}, keys=[], facts=none) %}
    {{- config(
        store_failures=true,
        store_failures_as='table',
        alias=model.name,
        limit=2147483647,
        warn_if='!= 0',
        static_analysis='off',
        fail_calc="coalesce(sum(case when status <> 'pass' and level <> 'none' then 1 else 0 end), 0)",
        error_if="> 0 and max(case when status <> 'pass' and level = 'error' then 1 else 0 end) = 1"
    ) -}}
    {{- return(aegis.suite_rows(relation, rules, references, keys, facts, noted=true)) -}}
{% endmacro %}

{% macro suite_rows(relation, rules, references, keys, facts=none, noted=false) %}
    {%- if not execute -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set dialect = aegis.dialect() -%}
    {%- set keyed = [] -%}
    {%- set dated = [] -%}
    {%- for rule in rules -%}
        {%- set grouped = aegis['groups_of_' ~ rule['type']] -%}
        {%- if grouped is defined -%}
            {%- do keyed.extend(grouped(rule)) -%}
        {%- endif -%}
        {%- if rule['since'] is defined -%}
            {%- do dated.append(rule) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set zoned = rules | selectattr('time_zone', 'defined') | list | length > 0 -%}
    {%- if not facts -%}
        {%- set asked = {'': relation} -%}
        {%- do asked.update(references) -%}
        {%- set facts = aegis.relation_facts(asked, dialect, keyed | length > 0) -%}
    {%- endif -%}
    {%- do facts[''].update({'dialect': dialect}) -%}
    {%- if keyed and facts['']['rows'] is not none and facts['']['rows'] > 0 -%}
        {%- do facts[''].update({'ranges': aegis.key_ranges(relation, keyed, facts[''], dialect)}) -%}
    {%- endif -%}
    {#- Which run they are of: what an earlier run stored is never taken for this one's. -#}
    {%- set stamps = {'invocation_id': invocation_id} -%}
    {%- set rules = aegis.with_cutoffs(rules) if dated else rules -%}
    {%- set rules = aegis.without_zones(rules, aegis.lacks_zones()) if zoned else rules -%}
    {{- return(aegis.suite_statement(relation, rules, references, keys, facts, stamps, noted)) -}}
{% endmacro %}

{#-
  One rule as an ordinary generic test: the rows of the suite that did not pass (one or none). fail_calc turns
  its rows_failed into dbt's failure count. A rule that cannot run is an error of dbt's, not a failed test: it breaks
  off while it is compiled (`alone`), with its reason.
-#}
{% macro generic_test(relation, type, arguments, options) %}
    {%- set counted = 'cast(coalesce(sum(coalesce(rows_failed, 1)), 0) as bigint)' -%}
    {{- config(fail_calc=counted, static_analysis='off') -}}
    {#- Where the project has a test of the same name, dbt 1 leaves out what this one sets, and takes what is set for all. -#}
    {%- if execute and model is mapping and model.config.fail_calc not in (counted, 'count(*)', none) -%}
        {{- exceptions.raise_compiler_error('the fail_calc of aegis.' ~ type ~ " is not its own: leave it out, and if the project has a test called '"
            ~ type ~ "' of its own, rename that one") -}}
    {%- endif -%}
    {%- set rule = {'id': model.name if model is mapping else type, 'type': type, 'severity': 'high', 'level': 'error', 'alone': true} -%}
    {%- for name, value in arguments.items() if value is not none -%}
        {%- do rule.update({name: aegis.unquoted(value) if name in ('column', 'column_b', 'columns', 'reference_column') else value}) -%}
    {%- endfor -%}
    {#- A test of the whole table may stand at a column, which it is then about. -#}
    {%- for name, value in options.items() if value is not none and name != 'column_name' -%}
        {%- if execute and name not in ('nulls', 'since', 'time_column', 'time_zone', 'max_failed_pct', 'max_failed_rows', 'warn_pct', 'keys', 'where') -%}
            {{- exceptions.raise_compiler_error("aegis." ~ type ~ " takes no argument '" ~ name ~ "'") -}}
        {%- endif -%}
        {%- do rule.update({name: aegis.unquoted(value) if name in ('time_column', 'keys') else value}) -%}
    {%- endfor -%}
    {%- set references = {} -%}
    {%- if rule.get('reference_table') -%}
        {%- do references.update({'reference': rule['reference_table']}) -%}
        {%- do rule.update({'reference_table': 'reference'}) -%}
    {%- endif -%}
    {%- set rows = aegis.suite_rows(relation, [rule], references, []) -%}
    {%- if rows -%}
select * from (
{{ rows }}
) as aegis_rows
where status <> 'pass'
    {%- endif -%}
{% endmacro %}

{#-
  Names of columns without the marks around them: dbt hands over those of a column that says `quote: true` as SQL has
  them. One name stands for the list of it.
-#}
{% macro unquoted(names) %}
    {%- set mark = adapter.quote('x')[:1] -%}
    {%- set plain = [] -%}
    {%- for name in ([names] if names is string else names) -%}
        {%- do plain.append(name[1:-1] if name | length > 2 and name[:1] == mark and name[-1:] == mark else name) -%}
    {%- endfor -%}
    {{- return(plain[0] if names is string else plain) -}}
{% endmacro %}
