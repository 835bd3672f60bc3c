select
    a.appointment_id,
    a.patient_id,
    a.doctor_id,
    a.room_code,
    a.floor,
    a.starts_at,
    v.visit_id,
    case
        when n.appointment_id is not null then 'no_show'
        when v.visit_id is not null then 'completed'
        else a.status
    end as outcome
from {{ ref('stg_appointments') }} as a
left join {{ ref('stg_visits') }} as v on a.appointment_id = v.appointment_id
left join {{ ref('int_no_shows') }} as n on a.appointment_id = n.appointment_id
