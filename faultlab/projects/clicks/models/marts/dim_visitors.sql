select
    v.id as visitor_id,
    v.device,
    v.first_seen_on,
    count(s.session_key) as sessions,
    min(s.started_at) as first_session_at,
    coalesce(sum(s.tracked_revenue), 0) as tracked_revenue
from {{ source('raw', 'visitors') }} as v
left join {{ ref('fct_sessions') }} as s on v.id = s.visitor_id
group by v.id, v.device, v.first_seen_on
