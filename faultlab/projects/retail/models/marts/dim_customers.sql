with lifetime as (
    select
        customer_id,
        count(*) as orders,
        min(ordered_on) as first_order_on,
        max(ordered_on) as last_order_on,
        sum(case when status <> 'returned' then net_amount else 0 end) as lifetime_revenue
    from {{ ref('fct_orders') }}
    group by customer_id
)

select
    c.customer_id,
    c.full_name,
    c.country,
    c.signed_up_on,
    coalesce(l.orders, 0) as orders,
    l.first_order_on,
    l.last_order_on,
    date_diff('day', c.signed_up_on, l.first_order_on) as days_to_first_order,
    coalesce(l.lifetime_revenue, 0) as lifetime_revenue,
    case
        when coalesce(l.lifetime_revenue, 0) = 0 then 'inactive'
        when l.lifetime_revenue < 500 then 'small'
        when l.lifetime_revenue < 2000 then 'medium'
        else 'large'
    end as segment
from {{ ref('stg_customers') }} as c
left join lifetime as l on c.customer_id = l.customer_id
