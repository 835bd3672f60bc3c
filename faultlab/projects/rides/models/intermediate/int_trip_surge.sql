select
    t.trip_id,
    t.city,
    coalesce(s.factor, 1.0) as surge_factor
from {{ ref('int_trip_times') }} as t
left join {{ source('raw', 'surge_intervals') }} as s
    on t.city = s.city
    and t.picked_up_at >= s.starts_at
    and t.picked_up_at < s.ends_at
