select customer_id, sum(amount) as balance from {{ ref('ledger') }} group by customer_id
