select ticket_id, status, closed_at
from {{ ref('fct_tickets') }}
where (status = 'solved') <> (closed_at is not null)
