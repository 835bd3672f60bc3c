with exports as (
    select
        id,
        lower(requester) as requester,
        channel,
        priority,
        tags,
        created_at,
        closed_at,
        row_number() over (partition by id order by exported_at desc) as export_no
    from {{ source('raw', 'tickets') }}
    where channel is distinct from 'spam'
)

select
    id as ticket_id,
    requester,
    coalesce(channel, 'email') as channel,
    case priority
        when 1 then 'urgent'
        when 2 then 'high'
        when 4 then 'low'
        else 'normal'
    end as priority,
    tags,
    created_at,
    closed_at
from exports
where export_no = 1
