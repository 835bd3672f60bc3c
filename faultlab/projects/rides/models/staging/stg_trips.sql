with app as (
    select
        id, driver_id, rider_id, pickup_zone, dropoff_zone, service,
        picked_up_at, dropped_off_at, distance_km, base_cents, status
    from {{ source('raw', 'trips') }}
    where channel = 'app'
        and status is distinct from 'test'
),

phone as (
    select
        id, driver_id, rider_id, pickup_zone, dropoff_zone, service,
        picked_up_at, dropped_off_at, distance_km, base_cents, status
    from {{ source('raw', 'phone_trips') }}
),

booked as (
    select * from app
    union all
    select * from phone
)

select
    id as trip_id,
    driver_id,
    nullif(rider_id, 0) as rider_id,
    pickup_zone,
    dropoff_zone,
    case service
        when 'S' then 'standard'
        when 'C' then 'comfort'
        when 'V' then 'van'
        else 'other'
    end as service,
    {{ parse_utc('picked_up_at') }} as picked_up_at,
    {{ parse_utc('dropped_off_at') }} as dropped_off_at,
    try_cast(distance_km as double) as distance_km,
    base_cents / 100.0 as base_fare,
    coalesce(status, 'completed') as status
from booked
where status is distinct from 'cancelled'
