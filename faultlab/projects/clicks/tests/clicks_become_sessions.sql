select * from {{ ref('mart_campaign_performance') }} where sessions not between 0.7 * clicks and clicks
