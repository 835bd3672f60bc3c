select trip_id, expected_fare, charged
from {{ ref('fct_trips') }}
where abs(expected_fare - charged) > 0.02
