select
    w.city,
    w.week,
    row_number() over (partition by w.city, w.week order by w.revenue_eur desc, w.driver_id) as place,
    w.driver_id,
    d.driver_name,
    d.permit,
    w.trips,
    w.revenue_eur,
    w.share_of_city
from {{ ref('driver_weeks') }} as w
left join {{ ref('dim_drivers') }} as d on w.driver_id = d.driver_id
qualify place <= 3
