select
    id as visit_id,
    appointment_id,
    arrived_at,
    left_at,
    date_diff('minute', arrived_at, left_at) as minutes_in_house
from {{ source('raw', 'visits') }}
