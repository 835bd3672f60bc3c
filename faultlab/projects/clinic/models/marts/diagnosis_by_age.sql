with cases as (
    select
        g.chapter,
        p.age_group,
        count(distinct p.patient_id) as patients,
        count(*) as diagnoses
    from {{ ref('stg_diagnoses') }} as g
    join {{ ref('fct_visits') }} as v on g.visit_id = v.visit_id
    join {{ ref('dim_patients') }} as p on v.patient_id = p.patient_id
    group by g.chapter, p.age_group
),

people as (
    select age_group, count(*) as patients
    from {{ ref('dim_patients') }}
    group by age_group
)

select
    md5(concat_ws('|', c.chapter, c.age_group)) as row_id,
    c.chapter,
    c.age_group,
    c.patients,
    c.diagnoses,
    c.patients / p.patients as share_of_group,
    rank() over (partition by c.age_group order by c.patients desc) as place
from cases as c
join people as p on c.age_group = p.age_group
