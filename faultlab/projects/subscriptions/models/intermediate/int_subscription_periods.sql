with periods as (
    select
        event_id,
        subscription_id,
        account_id,
        plan_code,
        event_type,
        seats,
        event_at as valid_from,
        lead(event_at) over (partition by subscription_id order by event_at) as next_event_at
    from {{ ref('stg_subscription_events') }}
)

select
    event_id,
    subscription_id,
    account_id,
    plan_code,
    seats,
    valid_from,
    coalesce(next_event_at, timestamp '9999-12-31') as valid_to
from periods
where event_type <> 'cancelled'
