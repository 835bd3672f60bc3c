select
    m.id as movement_id,
    m.sku,
    m.warehouse_id,
    m.kind,
    k.label as kind_label,
    m.qty * k.direction as signed_qty,
    m.unit,
    m.moved_at
from {{ source('raw', 'movements') }} as m
left join {{ ref('movement_kinds') }} as k on m.kind = k.kind
where coalesce(m.state, 'booked') != 'cancelled'
