with orders as (
    select customer_id, count(*) as orders, min(ordered_at) as first_ordered_at
    from {{ ref('stg_orders') }}
    group by customer_id
)

select
    c.customer_id,
    c.customer_name,
    c.email,
    c.country,
    coalesce(o.orders, 0) as orders,
    o.first_ordered_at
from {{ ref('stg_customers') }} as c
left join orders as o on c.customer_id = o.customer_id
