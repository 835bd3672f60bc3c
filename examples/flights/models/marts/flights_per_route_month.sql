select
    f.origin,
    f.destination,
    a.airport_name as destination_name,
    date_trunc('month', f.flight_date)::date as month,
    count(*) as flights,
    count(*) filter (where f.is_cancelled) as cancelled,
    round(100.0 * count(*) filter (where f.is_cancelled) / count(*), 2) as cancelled_pct,
    round(avg(f.departure_delay), 2) as mean_departure_delay
from {{ ref('stg_flights') }} as f
left join {{ ref('stg_airports') }} as a on a.airport = f.destination
group by all
