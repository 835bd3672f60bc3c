select
    md5(concat_ws('-', po_number, line)) as po_line_id,
    po_number,
    line,
    supplier,
    sku,
    warehouse_id,
    cartons,
    ordered_on,
    promised_on,
    case status
        when 'C' then 'closed'
        when 'P' then 'partial'
        when 'O' then 'open'
        when 'X' then 'cancelled'
    end as status
from {{ source('raw', 'purchase_orders') }}
