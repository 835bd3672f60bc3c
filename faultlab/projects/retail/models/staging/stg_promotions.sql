select
    id as promotion_id,
    upper(trim(code)) as promotion_code,
    discount_pct / 100.0 as discount_rate,
    starts_on,
    ends_on
from {{ source('raw', 'promotions') }}
