with latest as (
    select
        trip_id,
        stars,
        rated_at,
        row_number() over (partition by trip_id order by rated_at desc) as place
    from {{ source('raw', 'ratings') }}
)

select trip_id, stars, rated_at
from latest
where place = 1
