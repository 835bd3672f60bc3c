select
    w.city || ' ' || p.category as value_id,
    w.city,
    p.category,
    count(distinct s.sku) as products,
    sum(s.on_hand) as pieces,
    round(sum(s.on_hand * h.unit_cost), 2) as value
from {{ ref('stock_daily') }} as s
join {{ ref('dim_products') }} as p on s.sku = p.sku
join {{ ref('product_history') }} as h on s.sku = h.sku and h.dbt_valid_to is null
join {{ source('raw', 'warehouses') }} as w on s.warehouse_id = w.id
where s.day = date '2025-04-15'
group by w.city, p.category
