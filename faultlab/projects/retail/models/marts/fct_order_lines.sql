select
    l.line_id,
    l.order_id,
    l.product_id,
    pr.product_name,
    pr.list_price,
    o.store_id,
    o.ordered_on,
    l.quantity,
    l.line_amount,
    l.line_amount * (1 - coalesce(p.discount_rate, 0)) as net_line_amount
from {{ ref('stg_order_lines') }} as l
join {{ ref('stg_orders') }} as o
    on l.order_id = o.order_id
left join {{ ref('stg_products') }} as pr
    on l.product_id = pr.product_id
left join {{ ref('stg_promotions') }} as p
    on o.promotion_code = p.promotion_code
    and o.ordered_on between p.starts_on and p.ends_on
