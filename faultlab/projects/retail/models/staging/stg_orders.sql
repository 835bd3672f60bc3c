select
    id as order_id,
    customer_id,
    store_id,
    promotion_code,
    coalesce(channel, 'till') as channel,
    case status_code
        when 'P' then 'placed'
        when 'S' then 'shipped'
        when 'D' then 'delivered'
        when 'R' then 'returned'
        else 'unknown'
    end as status,
    ordered_at,
    cast(ordered_at as date) as ordered_on
from {{ source('raw', 'orders') }}
where channel is distinct from 'training'
