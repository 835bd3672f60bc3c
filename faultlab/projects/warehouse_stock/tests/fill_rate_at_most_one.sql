select supplier_month_id, fill_rate
from {{ ref('supplier_months') }}
where fill_rate > 1
