select
    order_id,
    count(*) as payments,
    sum(amount) as paid_amount,
    sum(case when method = 'gift' then amount else 0 end) as gift_amount,
    max(paid_at) as last_paid_at
from {{ ref('stg_payments') }}
group by order_id
