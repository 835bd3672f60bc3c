with visits as (
    select
        a.patient_id,
        count(*) as visits,
        min(v.arrived_at)::date as first_visit_on,
        max(v.arrived_at)::date as last_visit_on
    from {{ ref('stg_visits') }} as v
    join {{ ref('stg_appointments') }} as a on v.appointment_id = a.appointment_id
    group by a.patient_id
),

missed as (
    select patient_id, count(*) as no_shows
    from {{ ref('int_no_shows') }}
    group by patient_id
)

select
    p.patient_id,
    p.patient_name,
    p.sex,
    p.city,
    {{ age_group('p.birth_date', "date '2025-12-31'") }} as age_group,
    coalesce(v.visits, 0) as visits,
    coalesce(m.no_shows, 0) as no_shows,
    v.first_visit_on,
    v.last_visit_on
from {{ ref('stg_patients') }} as p
left join visits as v on p.patient_id = v.patient_id
left join missed as m on p.patient_id = m.patient_id
