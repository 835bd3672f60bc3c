select
    f.origin,
    -- Bands of ten miles an hour.
    10 * floor(w.wind_speed / 10)::integer as wind_from,
    count(*) as flights,
    round(avg(f.departure_delay), 2) as mean_departure_delay
from {{ ref('stg_flights') }} as f
left join {{ ref('stg_weather') }} as w using (origin, hour_utc)
where not f.is_cancelled
group by all
