select
    f.ticket_id,
    sum(date_diff('minute', greatest(f.created_at, o.opens_at), least(f.first_reply_at, o.closes_at))) as business_minutes
from {{ ref('int_first_responses') }} as f
join {{ source('raw', 'office_days') }} as o
    on f.created_at < o.closes_at
    and f.first_reply_at > o.opens_at
group by f.ticket_id
