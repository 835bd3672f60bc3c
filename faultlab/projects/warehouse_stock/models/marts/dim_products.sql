with sales as (
    select
        sku,
        sum(pieces_out) as pieces_sold,
        max(case when pieces_out > 0 then day end) as last_sold_on
    from {{ ref('int_daily_movements') }}
    group by sku
)

select
    p.sku,
    p.product_name,
    p.category,
    p.carton_size,
    p.unit_cost,
    p.is_listed,
    coalesce(s.pieces_sold, 0) as pieces_sold,
    s.last_sold_on
from {{ ref('stg_products') }} as p
left join sales as s on p.sku = s.sku
