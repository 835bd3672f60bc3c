with items as (
    select
        purchase_id,
        unnest(json_extract(basket, '$[*]')) as item
    from {{ ref('stg_purchases') }}
)

select
    purchase_id,
    json_extract_string(item, '$.sku') as sku,
    cast(json_extract_string(item, '$.qty') as integer) as quantity,
    cast(json_extract_string(item, '$.cents') as integer) / 100.0 as unit_price
from items
