select
    o.order_id,
    o.customer_id,
    c.country,
    o.store_id,
    s.region,
    o.status,
    o.ordered_at,
    t.items,
    t.total,
    coalesce(p.paid, 0) as paid
from {{ ref('stg_orders') }} as o
left join {{ ref('stg_customers') }} as c on o.customer_id = c.customer_id
left join {{ ref('stg_stores') }} as s on o.store_id = s.store_id
left join {{ ref('order_totals') }} as t on o.order_id = t.order_id
left join {{ ref('paid_orders') }} as p on o.order_id = p.order_id
