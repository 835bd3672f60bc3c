with gaps as (
    select
        event_id,
        visitor_id,
        event_name,
        page,
        campaign_code,
        purchase_value,
        happened_at,
        lag(happened_at) over (partition by visitor_id order by happened_at, event_id) as previous_at
    from {{ ref('fct_events') }}
    where agent is distinct from 'monitor'
),

numbered as (
    select
        *,
        sum(
            case when previous_at is null or date_diff('minute', previous_at, happened_at) > 30 then 1 else 0 end
        ) over (partition by visitor_id order by happened_at, event_id rows unbounded preceding) as session_no
    from gaps
)

select
    visitor_id || '-' || session_no as session_key,
    numbered.*
from numbered
