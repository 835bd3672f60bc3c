select
    pc.product_id,
    pc.category_id,
    c.name as category_name,
    pc.weight
from {{ source('raw', 'product_categories') }} as pc
join {{ source('raw', 'categories') }} as c on pc.category_id = c.id
