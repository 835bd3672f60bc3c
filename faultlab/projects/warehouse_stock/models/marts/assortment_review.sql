with sellers as (
    select
        sku,
        sum(-pieces) as pieces_sold
    from {{ ref('int_movement_pieces') }}
    where kind = 'OUT' and moved_at >= timestamp '2025-03-15' and sku is not null
    group by sku
),

reviewed as (
    select sku, 'active' as movement_class, pieces_sold from sellers
    union all
    select sku, 'slow' as movement_class, 0 as pieces_sold from {{ ref('slow_movers') }}
)

select
    r.sku,
    p.category,
    r.movement_class,
    r.pieces_sold,
    ntile(4) over (partition by r.movement_class order by r.pieces_sold desc) as quarter
from reviewed as r
left join {{ ref('dim_products') }} as p on r.sku = p.sku
