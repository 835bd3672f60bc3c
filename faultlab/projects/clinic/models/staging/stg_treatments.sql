select
    t.id as treatment_id,
    t.visit_id,
    t.treatment,
    t.units,
    t.price_cents / 100.0 * x.to_eur as unit_price
from {{ source('raw', 'treatments') }} as t
left join {{ ref('exchange_rates') }} as x on t.currency = x.currency
where t.state = 'final'
