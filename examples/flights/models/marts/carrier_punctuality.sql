select
    carrier,
    airline,
    count(*) as flights,
    count(*) filter (where is_cancelled) as cancelled,
    round(100.0 * count(*) filter (where is_cancelled) / count(*), 2) as cancelled_pct,
    -- On time, as the airlines define it: at the gate within a quarter of an hour.
    round(100.0 * count(*) filter (where arrival_delay < 15) / count(arrival_delay), 2) as on_time_pct,
    round(avg(arrival_delay), 2) as mean_arrival_delay,
    min(flight_date) as first_day,
    max(flight_date) as last_day
from {{ ref('stg_flights') }}
left join {{ ref('stg_airlines') }} using (carrier)
group by carrier, airline
