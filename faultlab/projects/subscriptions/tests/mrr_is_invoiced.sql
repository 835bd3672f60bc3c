select month, mrr, invoiced
from {{ ref('mart_mrr_monthly') }}
where abs(mrr - invoiced) > 1
