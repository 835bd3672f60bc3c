select
    product_id,
    category,
    sum(quantity) as sold,
    sum(line_total) as revenue
from {{ ref('fct_items') }}
group by 1, 2
