select
    concat_ws('-', c.sku, c.warehouse_id, c.counted_on) as count_id,
    c.sku,
    c.warehouse_id,
    w.city,
    c.counted_on,
    c.pieces as counted,
    s.on_hand,
    c.pieces - s.on_hand as difference
from {{ source('raw', 'stock_counts') }} as c
left join {{ ref('stock_daily') }} as s
    on c.sku = s.sku
    and c.warehouse_id = s.warehouse_id
    and c.counted_on = s.day
left join {{ source('raw', 'warehouses') }} as w on c.warehouse_id = w.id
