with weeks as (
    select
        city,
        date_trunc('week', local_date)::date as week,
        sum(trips) as trips,
        sum(revenue_eur) as revenue_eur,
        count(*) as days
    from {{ ref('city_days') }}
    group by city, date_trunc('week', local_date)::date
)

select
    concat_ws('/', city, strftime(week, '%G-W%V')) as city_week_id,
    city,
    week,
    days,
    trips,
    revenue_eur,
    revenue_eur - lag(revenue_eur) over (partition by city order by week) as change_to_last_week
from weeks
