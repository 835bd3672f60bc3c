select
    d.customer_id,
    d.country,
    d.orders,
    coalesce(sum(f.total), 0) as value
from {{ ref('dim_customers') }} as d
left join {{ ref('fct_orders') }} as f on d.customer_id = f.customer_id
group by 1, 2, 3
