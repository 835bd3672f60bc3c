select topic_week_id, share_of_week
from {{ ref('topic_weeks') }}
where share_of_week > 1
