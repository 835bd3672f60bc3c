with tracked as (
    select
        cast(happened_at as date) as day,
        count(distinct session_key) as sessions,
        count(distinct visitor_id) as visitors,
        coalesce(sum(purchase_value) filter (where event_name = 'purchase'), 0) as tracked_revenue
    from {{ ref('int_session_events') }}
    group by 1
),

booked as (
    select
        cast(purchased_at as date) as day,
        count(*) as purchases,
        sum(amount) as booked_revenue
    from {{ ref('fct_attribution') }}
    group by 1
)

select
    coalesce(t.day, b.day) as day,
    t.sessions,
    t.visitors,
    coalesce(b.purchases, 0) as purchases,
    coalesce(t.tracked_revenue, 0) as tracked_revenue,
    coalesce(b.booked_revenue, 0) as booked_revenue,
    coalesce(b.purchases, 0) / t.sessions as conversion_rate
from tracked as t
full join booked as b on t.day = b.day
