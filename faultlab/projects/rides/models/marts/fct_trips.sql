select
    t.trip_id,
    t.driver_id,
    t.rider_id,
    t.service,
    l.city,
    l.pickup_zone_name,
    l.local_date,
    l.local_hour,
    l.minutes,
    t.distance_km,
    s.surge_factor,
    t.base_fare * s.surge_factor as expected_fare,
    c.amount as charged,
    coalesce(c.amount_eur, 0) as revenue_eur,
    r.stars
from {{ ref('stg_trips') }} as t
join {{ ref('int_trip_times') }} as l on t.trip_id = l.trip_id
left join {{ ref('int_trip_surge') }} as s on t.trip_id = s.trip_id
left join {{ ref('stg_charges') }} as c on t.trip_id = c.trip_id
left join {{ ref('stg_ratings') }} as r on t.trip_id = r.trip_id
