select store_id, ordered_on, revenue, paid
from {{ ref('mart_store_daily') }}
where abs(revenue - paid) > 0.1
