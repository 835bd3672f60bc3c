select ticket_id, first_response_minutes
from {{ ref('fct_tickets') }}
where status = 'solved' and first_response_minutes is null
