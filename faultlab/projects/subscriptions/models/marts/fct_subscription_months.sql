with active as (
    select
        m.month,
        s.subscription_id,
        s.account_id,
        s.plan_code,
        s.seats
    from {{ ref('int_months') }} as m
    join {{ ref('int_subscription_periods') }} as s
        on s.valid_from <= m.month
        and m.month < s.valid_to
)

select
    md5(a.subscription_id || '|' || a.month) as subscription_month_key,
    a.month,
    a.subscription_id,
    a.account_id,
    acc.segment,
    a.plan_code,
    p.tier,
    a.seats,
    a.seats * p.monthly_price as mrr,
    coalesce(i.invoiced_amount, 0) as invoiced_amount
from active as a
join {{ ref('int_account_versions') }} as acc
    on a.account_id = acc.account_id
    and acc.valid_from <= a.month
    and a.month < acc.valid_to
left join {{ ref('int_price_periods') }} as p
    on a.plan_code = p.plan_code
    and p.valid_from <= a.month
    and a.month < p.valid_to
left join {{ ref('int_invoiced_months') }} as i
    on a.subscription_id = i.subscription_id
    and a.month = i.invoice_month
