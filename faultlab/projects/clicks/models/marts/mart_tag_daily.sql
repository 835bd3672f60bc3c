with tagged as (
    select event_id, visitor_id, happened_at, unnest(tags) as tag
    from {{ ref('fct_events') }}
    where agent is distinct from 'monitor'
)

select
    cast(happened_at as date) as day,
    tag,
    count(distinct event_id) as events,
    count(distinct visitor_id) as visitors
from tagged
group by 1, 2
