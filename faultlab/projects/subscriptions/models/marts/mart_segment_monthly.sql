select
    month,
    segment,
    tier,
    count(distinct account_id) as accounts,
    sum(seats) as seats,
    sum(mrr) as mrr,
    sum(mrr) / sum(sum(mrr)) over (partition by month) as share_of_mrr
from {{ ref('fct_subscription_months') }}
group by month, segment, tier
