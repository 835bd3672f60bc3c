with ranked as (
    select *, row_number() over (partition by id order by updated_at desc) as place
    from {{ source('raw', 'customers') }}
)

select
    id as customer_id,
    trim(name) as customer_name,
    lower(email) as email,
    coalesce(country, 'unknown') as country,
    cast(created_at as timestamp) as created_at
from ranked
where place = 1
