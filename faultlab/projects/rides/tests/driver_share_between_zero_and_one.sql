select driver_week_id, share_of_city
from {{ ref('driver_weeks') }}
where share_of_city not between 0 and 1
