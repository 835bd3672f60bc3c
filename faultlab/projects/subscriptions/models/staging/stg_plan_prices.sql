select
    id as price_id,
    plan_code,
    try_strptime(effective_from, '%d.%m.%Y') as effective_from,
    price_cents / 100.0 as price
from {{ source('raw', 'plan_prices') }}
