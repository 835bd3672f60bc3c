select
    id as product_id,
    sku,
    name as product_name,
    try_cast(list_price as decimal(10, 2)) as list_price,
    is_active
from {{ source('raw', 'products') }}
