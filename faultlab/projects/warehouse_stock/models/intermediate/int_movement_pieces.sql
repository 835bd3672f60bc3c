select
    m.movement_id,
    m.sku,
    m.warehouse_id,
    m.kind,
    m.moved_at,
    {{ to_pieces('m.signed_qty', 'm.unit', 'p.carton_size') }} as pieces
from {{ ref('stg_movements') }} as m
left join {{ ref('stg_products') }} as p
    on m.sku = p.sku
