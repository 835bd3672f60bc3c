select
    s.session_key,
    s.visitor_id,
    min(s.happened_at) as started_at,
    max(s.happened_at) as ended_at,
    date_diff('minute', min(s.happened_at), max(s.happened_at)) as minutes,
    count(*) as events,
    arg_min(s.page, s.happened_at) as landing_page,
    max(s.campaign_code) as campaign_code,
    count(*) filter (where s.event_name = 'purchase') as purchases,
    coalesce(sum(s.purchase_value) filter (where s.event_name = 'purchase'), 0) as tracked_revenue
from {{ ref('int_session_events') }} as s
group by s.session_key, s.visitor_id
