select
    order_id,
    count(*) as lines,
    sum(quantity) as items,
    sum(line_amount) as gross_amount
from {{ ref('stg_order_lines') }}
group by order_id
