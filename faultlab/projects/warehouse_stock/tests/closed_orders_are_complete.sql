select po_line_id, ordered_pieces, received_pieces
from {{ ref('fct_po_lines') }}
where status = 'closed' and open_pieces <> 0
