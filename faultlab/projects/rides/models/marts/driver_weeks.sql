select
    t.driver_id || '/' || t.city || '/' || strftime(t.week, '%G-W%V') as driver_week_id,
    t.driver_id,
    t.city,
    t.week,
    t.trips,
    t.revenue_eur,
    t.revenue_eur / w.revenue_eur as share_of_city
from (
    select
        driver_id,
        city,
        date_trunc('week', local_date)::date as week,
        count(*) as trips,
        sum(revenue_eur) as revenue_eur
    from {{ ref('fct_trips') }}
    group by driver_id, city, date_trunc('week', local_date)::date
) as t
left join {{ ref('city_weeks') }} as w on t.city = w.city and t.week = w.week
