select sales_month, allocated_revenue, month_revenue
from {{ ref('mart_category_revenue') }}
where abs(allocated_revenue - month_revenue) > 1
