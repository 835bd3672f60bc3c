select month, closing_mrr, mrr
from {{ ref('mart_mrr_monthly') }}
where abs(closing_mrr - mrr) > 0.5
