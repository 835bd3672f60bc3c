select
    id as order_id,
    customer_id,
    store_id,
    status,
    cast(ordered_at as timestamp) as ordered_at
from {{ source('raw', 'orders') }}
where not is_test
