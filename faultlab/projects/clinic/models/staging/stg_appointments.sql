with current_year as (
    select id, patient_id, doctor_id, room_code, starts_at, status
    from {{ source('raw', 'appointments') }}
    where status is distinct from 'TEST'
),

archive as (
    select id, patient_id, doctor_id, room_code, starts_at, status
    from {{ source('raw', 'appointments_archive') }}
    where starts_at < timestamp '2025-01-01'
),

everything as (
    select * from current_year
    union all
    select * from archive
)

select
    e.id as appointment_id,
    e.patient_id,
    e.doctor_id,
    e.room_code,
    r.floor,
    r.kind as room_kind,
    e.starts_at as starts_at,
    case coalesce(e.status, 'DONE')
        when 'DONE' then 'completed'
        when 'CANC' then 'cancelled'
        when 'BOOK' then 'booked'
        else 'other'
    end as status
from everything as e
left join {{ source('raw', 'rooms') }} as r on e.room_code = r.code
