with received as (
    select
        po_line_id,
        sum(pieces) as pieces,
        count(*) as deliveries,
        min(delivered_on) as first_delivery_on,
        max(delivered_on) as last_delivery_on
    from {{ ref('stg_shipments') }}
    group by po_line_id
)

select
    o.po_line_id,
    o.po_number,
    o.line,
    o.supplier,
    o.sku,
    o.status,
    o.ordered_on,
    o.promised_on,
    o.cartons * p.carton_size as ordered_pieces,
    coalesce(r.pieces, 0) as received_pieces,
    o.cartons * p.carton_size - coalesce(r.pieces, 0) as open_pieces,
    r.deliveries,
    date_diff('day', o.ordered_on, r.first_delivery_on) as lead_days,
    r.last_delivery_on > o.promised_on as is_late
from {{ ref('stg_purchase_orders') }} as o
left join {{ ref('stg_products') }} as p on o.sku = p.sku
left join received as r on o.po_line_id = r.po_line_id
