select
    id as item_id,
    order_id,
    product_id,
    quantity,
    price_cents / 100.0 as price
from {{ source('raw', 'items') }}
