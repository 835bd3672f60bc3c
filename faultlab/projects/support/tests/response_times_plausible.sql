select ticket_id, first_response_minutes, business_minutes
from {{ ref('fct_tickets') }}
where first_response_minutes < 0 or business_minutes > first_response_minutes or hours_open < 0
