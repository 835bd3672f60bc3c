with ranked as (
    select
        id as customer_id,
        full_name,
        lower(email) as email,
        country,
        try_strptime(signed_up_on, '%Y-%m-%d')::date as signed_up_on,
        row_number() over (partition by id order by updated_at desc) as version_rank
    from {{ source('raw', 'customers') }}
)

select customer_id, full_name, email, country, signed_up_on
from ranked
where version_rank = 1
