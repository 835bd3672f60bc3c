select row_id, share_of_group
from {{ ref('diagnosis_by_age') }}
where share_of_group > 1
