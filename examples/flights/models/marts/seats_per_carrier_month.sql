select
    f.carrier,
    date_trunc('month', f.flight_date)::date as month,
    count(*) as flights,
    count(p.tail_number) as flights_with_known_plane,
    round(100.0 * count(p.tail_number) / count(*), 2) as known_plane_pct,
    sum(p.seats) as seats
from {{ ref('stg_flights') }} as f
left join {{ ref('stg_planes') }} as p using (tail_number)
where not f.is_cancelled
group by all
