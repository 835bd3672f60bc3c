select
    l.city,
    l.day,
    l.trips as ledger_trips,
    coalesce(d.trips, 0) as trips,
    l.revenue_eur as ledger_revenue,
    coalesce(d.revenue_eur, 0) as revenue,
    coalesce(d.revenue_eur, 0) - l.revenue_eur as difference
from {{ source('raw', 'city_ledger') }} as l
left join {{ ref('city_days') }} as d on l.city = d.city and l.day = d.local_date
