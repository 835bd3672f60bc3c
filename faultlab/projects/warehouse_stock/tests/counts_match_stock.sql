select count_id, counted, on_hand
from {{ ref('stock_count_check') }}
where abs(difference) > 2
