with delivered as (
    select
        *,
        row_number() over (partition by id order by received_at desc) as delivery_rank
    from {{ source('raw', 'subscription_events') }}
    where origin is distinct from 'test'
)

select
    id as event_id,
    subscription_id,
    account_id,
    plan_code,
    case event_code
        when 'ST' then 'started'
        when 'CH' then 'changed'
        when 'CA' then 'cancelled'
    end as event_type,
    try_cast(seats as integer) as seats,
    happened_at as event_at
from delivered
where delivery_rank = 1
