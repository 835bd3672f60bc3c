select
    id as invoice_id,
    subscription_id,
    amount_cents / 100.0 as amount,
    issued_at,
    date_trunc('month', issued_at)::date as invoice_month
from {{ source('raw', 'invoices') }}
where state <> 'void'
