with replies as (
    select
        ticket_id,
        min(happened_at) as first_reply_at,
        count(*) as replies
    from {{ ref('stg_ticket_events') }}
    where event = 'reply'
    group by ticket_id
)

select
    t.ticket_id,
    t.created_at,
    r.first_reply_at,
    r.replies,
    date_diff('minute', t.created_at, r.first_reply_at) as first_response_minutes
from {{ ref('stg_tickets') }} as t
left join replies as r on t.ticket_id = r.ticket_id
