select
    id as payment_id,
    order_id,
    method,
    amount_cents / 100.0 as amount,
    paid_at
from {{ source('raw', 'payments') }}
where state = 'settled'
