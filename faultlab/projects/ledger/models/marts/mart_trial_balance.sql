with monthly as (
    select
        date_trunc('month', posted_on) as month,
        account_type,
        sum(amount_eur) filter (where amount_eur > 0) as debit_eur,
        sum(-amount_eur) filter (where amount_eur < 0) as credit_eur,
        sum(amount_eur) as net_eur
    from {{ ref('fct_postings') }}
    group by 1, 2
)

select
    {{ surrogate_key(['month', 'account_type']) }} as trial_key,
    monthly.*,
    sum(net_eur) over (partition by month) as month_net_eur,
    debit_eur / sum(debit_eur) over (partition by month) as share_of_debit
from monthly
