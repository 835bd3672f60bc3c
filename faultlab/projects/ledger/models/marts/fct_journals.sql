select
    journal_key,
    source_system,
    min(posted_on) as posted_on,
    count(*) as postings,
    sum(amount_eur) filter (where amount_eur > 0) as debit_eur,
    sum(amount_eur) as imbalance_eur
from {{ ref('fct_postings') }}
group by journal_key, source_system
