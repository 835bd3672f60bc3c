select ticket_id, created_at, opened_at
from {{ ref('fct_tickets') }}
where opened_at <> created_at
