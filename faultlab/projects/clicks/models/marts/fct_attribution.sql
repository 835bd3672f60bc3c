with touches as (
    select
        p.purchase_id,
        s.session_key as touch_session_key,
        s.campaign_code,
        row_number() over (partition by p.purchase_id order by s.started_at desc) as touch_rank
    from {{ ref('stg_purchases') }} as p
    join {{ ref('fct_sessions') }} as s
        on p.visitor_id = s.visitor_id
        and s.started_at <= p.purchased_at
        and s.started_at >= p.purchased_at - interval 30 day
    where s.campaign_code is not null
)

select
    p.purchase_id,
    p.visitor_id,
    p.amount,
    p.purchased_at,
    own.session_key,
    date_diff('minute', visit.started_at, p.purchased_at) as minutes_into_session,
    t.touch_session_key,
    t.campaign_code,
    case when t.campaign_code is null then 'direct' else c.channel end as channel
from {{ ref('stg_purchases') }} as p
left join {{ ref('int_session_events') }} as own
    on p.event_id = own.event_id
left join {{ ref('fct_sessions') }} as visit
    on own.session_key = visit.session_key
left join touches as t
    on p.purchase_id = t.purchase_id
    and t.touch_rank = 1
left join {{ ref('stg_campaigns') }} as c
    on t.campaign_code = c.campaign_code
