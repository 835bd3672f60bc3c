with bills as (
    select
        v.visit_id,
        coalesce(c.treatments, 0) as treatments,
        coalesce(c.charged, 0) as charged,
        coalesce(p.paid_by_insurance + p.paid_by_state + p.paid_by_self, 0) as paid
    from {{ ref('stg_visits') }} as v
    left join {{ ref('int_visit_costs') }} as c on v.visit_id = c.visit_id
    left join {{ ref('int_visit_payers') }} as p on v.visit_id = p.visit_id
)

select
    v.visit_id,
    v.appointment_id,
    a.patient_id,
    a.doctor_id,
    v.arrived_at,
    date_diff('minute', a.starts_at, v.arrived_at) as minutes_late,
    v.minutes_in_house,
    d.code as main_diagnosis,
    d.chapter,
    b.treatments,
    b.charged,
    b.paid,
    b.charged - b.paid as open_amount
from {{ ref('stg_visits') }} as v
left join {{ ref('stg_appointments') }} as a on v.appointment_id = a.appointment_id
left join bills as b on v.visit_id = b.visit_id
left join {{ ref('int_primary_diagnoses') }} as d on v.visit_id = d.visit_id
