with sessions as (
    select campaign_code, count(*) as sessions, sum(tracked_revenue) as direct_revenue
    from {{ ref('fct_sessions') }}
    where campaign_code is not null
    group by campaign_code
),

revenue as (
    select campaign_code, count(*) as purchases, sum(amount) as revenue
    from {{ ref('fct_attribution') }}
    group by campaign_code
),

spend as (
    select campaign_code, sum(cost) as cost, sum(clicks) as clicks
    from {{ ref('fct_ad_spend') }}
    group by campaign_code
)

select
    s.campaign_code,
    c.title,
    c.channel,
    s.sessions,
    spend.clicks,
    spend.cost,
    coalesce(r.purchases, 0) as purchases,
    coalesce(r.revenue, 0) as revenue,
    coalesce(r.revenue, 0) / nullif(spend.cost, 0) as return_on_spend
from sessions as s
left join {{ ref('stg_campaigns') }} as c on s.campaign_code = c.campaign_code
left join revenue as r on s.campaign_code = r.campaign_code
left join spend on s.campaign_code = spend.campaign_code
