with recently_sold as (
    select sku
    from {{ ref('int_movement_pieces') }}
    where kind = 'OUT'
        and moved_at >= timestamp '2025-03-15'
        and sku is not null
)

select
    sku,
    product_name,
    last_sold_on,
    pieces_sold
from {{ ref('dim_products') }}
where sku not in (select sku from recently_sold)
