select visit_id, minutes_late, minutes_in_house
from {{ ref('fct_visits') }}
where minutes_late not between 0 and 60 or minutes_in_house not between 1 and 240
