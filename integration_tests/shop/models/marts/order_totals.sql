select
    order_id,
    count(*) as items,
    sum(quantity * price) as total
from {{ ref('stg_items') }}
group by order_id
