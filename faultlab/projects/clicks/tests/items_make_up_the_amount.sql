select * from {{ ref('mart_item_sales') }} where abs(item_revenue - booked_revenue) > 0.05
