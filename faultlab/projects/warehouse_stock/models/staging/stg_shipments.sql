with north as (
    select
        'N' as supplier,
        po_number,
        line_no as line,
        article as sku,
        pieces,
        delivered_on
    from {{ source('raw', 'shipments_north') }}
),

east as (
    select
        'E' as supplier,
        split_part(s.order_ref, '/', 1) as po_number,
        try_cast(split_part(s.order_ref, '/', 2) as integer) as line,
        s.item_code as sku,
        try_cast(s.cartons as integer) * p.carton_size as pieces,
        try_strptime(s.delivery_date, '%d.%m.%Y')::date as delivered_on
    from {{ source('raw', 'shipments_east') }} as s
    left join {{ ref('stg_products') }} as p on s.item_code = p.sku
),

both_suppliers as (
    select supplier, po_number, line, sku, pieces, delivered_on from north
    union
    select supplier, po_number, line, sku, pieces, delivered_on from east
)

select
    md5(concat_ws('-', po_number, line, delivered_on)) as shipment_id,
    md5(concat_ws('-', po_number, line)) as po_line_id,
    supplier,
    sku,
    pieces,
    delivered_on
from both_suppliers
