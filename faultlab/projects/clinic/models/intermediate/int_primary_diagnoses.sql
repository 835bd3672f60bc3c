{{ config(materialized='ephemeral') }}

with ranked as (
    select
        visit_id,
        code,
        chapter,
        row_number() over (partition by visit_id order by position) as place,
        count(*) over (partition by visit_id) as diagnoses
    from {{ ref('stg_diagnoses') }}
)

select visit_id, code, chapter, diagnoses
from ranked
where place = 1
