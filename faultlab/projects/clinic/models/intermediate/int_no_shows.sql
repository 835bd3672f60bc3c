select
    a.appointment_id,
    a.patient_id,
    a.starts_at
from {{ ref('stg_appointments') }} as a
where a.status = 'booked'
    and a.starts_at < timestamp '2025-11-01'
    and not exists (
        select 1 from {{ ref('stg_visits') }} as v
        where v.appointment_id = a.appointment_id
    )
