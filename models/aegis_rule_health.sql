{{ config(enabled=var('aegis_history', false), materialized='view') }}
{#- One row per rule: how it stands, and since when. The history table is there after the first run that stored it. -#}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- do aegis.make_history_table() -%}
{%- endif -%}
with history as (
    select
        *,
        row_number() over (partition by project, target, rule_id order by run_started_at desc, invocation_id desc) as age
    from {{ aegis.history_relation() }}
),
passed as (
    select project, target, rule_id, max(run_started_at) as last_passed_at
    from history
    where status = 'pass'
    group by project, target, rule_id
)
select
    history.project,
    history.target,
    history.rule_id,
    max(case when age = 1 then table_name end) as table_name,
    max(case when age = 1 then severity end) as severity,
    max(case when age = 1 then status end) as status,
    max(case when age = 1 then rows_failed end) as rows_failed,
    max(run_started_at) as last_run_at,
    max(passed.last_passed_at) as last_passed_at,
    min(case when status <> 'pass' and (passed.last_passed_at is null or run_started_at > passed.last_passed_at)
        then run_started_at end) as failing_since,
    count(*) as runs,
    100.0 * sum(case when status = 'pass' then 0 else 1 end) / count(*) as failed_pct
from history
left join passed
    on passed.project = history.project
    and passed.target = history.target
    and passed.rule_id = history.rule_id
group by history.project, history.target, history.rule_id
