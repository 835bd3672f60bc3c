with zoned as (
    select
        t.trip_id,
        z.city,
        z.zone_name as pickup_zone_name,
        t.picked_up_at,
        (t.picked_up_at at time zone 'UTC') at time zone z.timezone as local_pickup,
        date_diff('minute', t.picked_up_at, t.dropped_off_at) as minutes
    from {{ ref('stg_trips') }} as t
    left join {{ ref('zones') }} as z on t.pickup_zone = z.zone_id
)

select
    trip_id,
    city,
    pickup_zone_name,
    picked_up_at,
    local_pickup,
    date_trunc('day', local_pickup)::date as local_date,
    hour(local_pickup) as local_hour,
    minutes
from zoned
