select po_line_id, ordered_on, lead_days
from {{ ref('fct_po_lines') }}
where lead_days not between 1 and 45
