select
    l.id as line_id,
    l.order_id,
    l.line_no,
    l.product_id,
    l.quantity,
    l.unit_price_cents / 100.0 as unit_price,
    (l.quantity * l.unit_price_cents - coalesce(l.line_discount_cents, 0)) / 100.0 as line_amount
from {{ source('raw', 'order_lines') }} as l
where l.quantity > 0
