{{ config(severity='warn') }}

select i.*
from {{ ref('int_invoiced_months') }} as i
left join {{ ref('fct_subscription_months') }} as s
    on i.subscription_id = s.subscription_id and i.invoice_month = s.month
where s.subscription_id is null
