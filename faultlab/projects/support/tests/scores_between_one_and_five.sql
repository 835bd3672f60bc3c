select agent_id, average_score
from {{ ref('agent_scores') }}
where average_score not between 1 and 5
