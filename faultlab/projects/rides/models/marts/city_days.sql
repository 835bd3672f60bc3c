select
    city || ' ' || local_date as city_day_id,
    city,
    local_date,
    count(*) as trips,
    count(distinct driver_id) as drivers,
    sum(distance_km) as distance_km,
    sum(revenue_eur) as revenue_eur,
    avg(stars) as average_stars,
    sum(case when surge_factor > 1 then 1 else 0 end) / count(*) as surge_share
from {{ ref('fct_trips') }}
group by city, local_date
