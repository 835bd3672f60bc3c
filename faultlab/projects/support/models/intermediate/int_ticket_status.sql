with ordered as (
    select
        ticket_id,
        status,
        happened_at,
        row_number() over (partition by ticket_id order by happened_at desc, event_id desc) as place,
        min(happened_at) over (partition by ticket_id) as opened_at,
        sum(case when status = 'open' then 1 else 0 end) over (partition by ticket_id) as reopenings
    from {{ ref('int_status_changes') }}
),

assigned as (
    select ticket_id, max_by(agent_id, happened_at) as agent_id
    from {{ ref('stg_ticket_events') }}
    where event = 'assigned'
    group by ticket_id
)

select
    o.ticket_id,
    o.status,
    o.happened_at as status_since,
    o.opened_at,
    o.reopenings,
    a.agent_id
from ordered as o
left join assigned as a on o.ticket_id = a.ticket_id
where o.place = 1
