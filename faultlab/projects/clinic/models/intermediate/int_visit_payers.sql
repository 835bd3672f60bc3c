with paid as (
    select
        visit_id,
        payer,
        amount_cents / 100.0 as amount
    from {{ source('raw', 'payments') }}
)

select
    visit_id,
    coalesce(insurance, 0) as paid_by_insurance,
    coalesce(state, 0) as paid_by_state,
    coalesce(self, 0) as paid_by_self
from (
    pivot paid on payer in ('insurance', 'state', 'self')
    using sum(amount) group by visit_id
) as by_payer
