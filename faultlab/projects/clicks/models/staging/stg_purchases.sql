select
    id as purchase_id,
    event_id,
    visitor_id,
    amount_cents / 100.0 as amount,
    try_strptime(purchased_at, '%Y-%m-%dT%H:%M:%S') as purchased_at,
    basket
from {{ source('raw', 'purchases') }}
where state = 'done'
