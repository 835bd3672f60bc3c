select
    i.item_id,
    i.order_id,
    i.product_id,
    d.category,
    o.ordered_at,
    i.quantity,
    i.price,
    i.quantity * i.price as line_total
from {{ ref('stg_items') }} as i
join {{ ref('stg_orders') }} as o on i.order_id = o.order_id
left join {{ ref('dim_products') }} as d on i.product_id = d.product_id
