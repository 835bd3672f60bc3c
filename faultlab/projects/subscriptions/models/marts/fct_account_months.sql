with monthly as (
    select account_id, month, sum(mrr) as mrr, sum(invoiced_amount) as invoiced_amount
    from {{ ref('fct_subscription_months') }}
    group by account_id, month
),

since_first as (
    select f.account_id, m.month
    from (select account_id, min(month) as first_month from monthly group by account_id) as f
    join {{ ref('int_months') }} as m on m.month >= f.first_month
),

filled as (
    select
        s.account_id,
        s.month,
        coalesce(monthly.mrr, 0) as mrr,
        coalesce(monthly.invoiced_amount, 0) as invoiced_amount
    from since_first as s
    left join monthly
        on s.account_id = monthly.account_id
        and s.month = monthly.month
),

compared as (
    select
        *,
        coalesce(lag(mrr) over (partition by account_id order by month), 0) as previous_mrr
    from filled
)

select
    account_id,
    month,
    mrr,
    previous_mrr,
    invoiced_amount,
    case
        when previous_mrr = 0 and mrr > 0 then 'new'
        when previous_mrr > 0 and mrr = 0 then 'churned'
        when mrr > previous_mrr then 'expanded'
        when mrr < previous_mrr then 'contracted'
        else 'unchanged'
    end as movement,
    previous_mrr > 0 and mrr = 0 as is_churned
from compared
