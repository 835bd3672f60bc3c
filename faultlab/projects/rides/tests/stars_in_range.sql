select trip_id, stars
from {{ ref('fct_trips') }}
where stars not between 1 and 5
