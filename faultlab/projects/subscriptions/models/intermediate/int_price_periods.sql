select
    p.price_id,
    p.plan_code,
    pl.tier,
    case when pl.billing_period = 'annual' then p.price / 12 else p.price end as monthly_price,
    p.effective_from as valid_from,
    coalesce(
        lead(p.effective_from) over (partition by p.plan_code order by p.effective_from),
        timestamp '9999-12-31'
    ) as valid_to
from {{ ref('stg_plan_prices') }} as p
left join {{ ref('snap_plans') }} as pl
    on p.plan_code = pl.code
    and pl.dbt_valid_to is null
