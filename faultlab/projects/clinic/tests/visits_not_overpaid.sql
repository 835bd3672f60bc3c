select visit_id, charged, paid
from {{ ref('fct_visits') }}
where open_amount < -0.05
