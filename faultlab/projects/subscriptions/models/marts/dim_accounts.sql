select
    v.account_id,
    v.company,
    v.country,
    v.segment,
    min(m.month) as first_month,
    count(m.month) filter (where m.mrr > 0) as paying_months,
    coalesce(sum(m.mrr), 0) as lifetime_mrr
from {{ ref('int_account_versions') }} as v
left join {{ ref('fct_account_months') }} as m on v.account_id = m.account_id
where v.is_current
group by v.account_id, v.company, v.country, v.segment
