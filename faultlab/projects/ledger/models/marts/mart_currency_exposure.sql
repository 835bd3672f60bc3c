select
    posted_on,
    currency,
    count(*) as postings,
    sum(abs(amount)) as volume,
    sum(abs(amount_eur)) as volume_eur,
    sum(abs(amount_eur)) / sum(abs(amount)) as average_rate
from {{ ref('fct_postings') }}
group by posted_on, currency
