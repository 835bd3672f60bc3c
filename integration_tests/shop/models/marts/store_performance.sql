select
    region,
    store_id,
    count(*) as orders,
    sum(total) as revenue,
    avg(total) as basket
from {{ ref('fct_orders') }}
group by 1, 2
