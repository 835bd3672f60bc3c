select
    concat_ws('|', team_name, priority, created_week) as team_sla_id,
    team_name,
    priority,
    created_week,
    count(*) as tickets,
    sum(case when is_within_sla then 1 else 0 end) as within_sla,
    sum(case when is_within_sla then 1 else 0 end) / count(*) as sla_share,
    median(business_minutes) as median_business_minutes
from {{ ref('fct_tickets') }}
group by team_name, priority, created_week
