with totals as (
    select
        month,
        count(*) filter (where mrr > 0) as paying_accounts,
        count(*) filter (where is_churned) as churned_accounts,
        sum(mrr) as mrr,
        sum(invoiced_amount) as invoiced,
        sum(mrr - previous_mrr) filter (where movement = 'new') as new_mrr,
        sum(mrr - previous_mrr) filter (where movement = 'churned') as churned_mrr,
        sum(mrr - previous_mrr) filter (where movement in ('expanded', 'contracted')) as changed_mrr
    from {{ ref('fct_account_months') }}
    group by month
)

select
    *,
    coalesce(lag(mrr) over (order by month), 0) as opening_mrr,
    coalesce(lag(mrr) over (order by month), 0)
        + coalesce(new_mrr, 0) + coalesce(churned_mrr, 0) + coalesce(changed_mrr, 0) as closing_mrr
from totals
