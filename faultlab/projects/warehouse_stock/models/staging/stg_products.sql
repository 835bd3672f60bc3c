with newest as (
    select
        sku,
        name,
        category,
        carton_size,
        cost_cents / 100.0 as unit_cost,
        listed = 'Y' as is_listed,
        row_number() over (partition by sku order by loaded_at desc) as version
    from {{ source('raw', 'products') }}
)

select
    sku,
    name as product_name,
    coalesce(category, 'other') as category,
    carton_size,
    unit_cost,
    is_listed
from newest
where version = 1
