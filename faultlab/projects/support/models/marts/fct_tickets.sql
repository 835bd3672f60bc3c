select
    t.ticket_id,
    t.channel,
    t.priority,
    g.topic as main_topic,
    s.status,
    s.opened_at,
    s.reopenings,
    s.agent_id,
    a.team_name,
    t.created_at,
    t.closed_at,
    {{ week_of('t.created_at') }} as created_week,
    f.first_response_minutes,
    coalesce(b.business_minutes, 0) as business_minutes,
    r.first_response_minutes as target_minutes,
    coalesce(b.business_minutes, 0) <= r.first_response_minutes as is_within_sla,
    date_diff('hour', t.created_at, t.closed_at) as hours_open,
    v.score
from {{ ref('stg_tickets') }} as t
left join {{ ref('int_ticket_status') }} as s on t.ticket_id = s.ticket_id
left join {{ ref('int_first_responses') }} as f on t.ticket_id = f.ticket_id
left join {{ ref('int_business_minutes') }} as b on t.ticket_id = b.ticket_id
left join {{ ref('sla_rules') }} as r on t.priority = r.priority
left join {{ ref('dim_agents') }} as a on s.agent_id = a.agent_id
left join {{ ref('int_ticket_tags') }} as g on t.ticket_id = g.ticket_id and g.position = 1
left join {{ ref('stg_surveys') }} as v on t.ticket_id = v.ticket_id
