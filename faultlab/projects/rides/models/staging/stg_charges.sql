select
    c.id as charge_id,
    c.trip_id,
    c.currency,
    c.amount_cents / 100.0 as amount,
    c.amount_cents / 100.0 * r.to_eur as amount_eur,
    c.charged_at
from {{ source('raw', 'charges') }} as c
left join {{ ref('currency_rates') }} as r
    on c.currency = r.currency
