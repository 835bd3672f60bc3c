select
    subscription_id,
    invoice_month,
    count(*) as invoices,
    sum(amount) as invoiced_amount
from {{ ref('stg_invoices') }}
group by subscription_id, invoice_month
