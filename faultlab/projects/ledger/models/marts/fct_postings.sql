select
    p.posting_key,
    p.journal_key,
    p.source_system,
    p.posted_on,
    a.account_no,
    a.account_type,
    p.currency,
    p.amount,
    case
        when p.currency = 'EUR' then 1
        else r.eur_rate
    end as eur_rate,
    round(p.amount * case when p.currency = 'EUR' then 1 else r.eur_rate end, 2) as amount_eur
from {{ ref('int_postings') }} as p
left join {{ ref('stg_accounts') }} as a
    on p.account_no = a.account_no
left join {{ ref('int_rate_periods') }} as r
    on p.currency = r.currency
    and r.valid_from <= p.posted_on
    and p.posted_on < r.valid_to
