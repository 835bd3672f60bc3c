select
    cast(ordered_at as date) as day,
    count(*) as orders,
    sum(total) as revenue,
    sum(paid) as paid
from {{ ref('fct_orders') }}
group by 1
