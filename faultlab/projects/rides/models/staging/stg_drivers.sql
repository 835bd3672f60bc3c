select
    id as driver_id,
    name as driver_name,
    permit,
    home,
    coalesce(state, 'active') as state,
    joined_on
from {{ source('raw', 'drivers') }}
qualify row_number() over (partition by id order by updated_at desc) = 1
