select * from {{ ref('mart_daily_traffic') }} where abs(tracked_revenue - booked_revenue) > 0.05
