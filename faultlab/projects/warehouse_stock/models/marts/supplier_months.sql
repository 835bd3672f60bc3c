with lines as (
    select
        supplier,
        date_trunc('month', ordered_on)::date as month,
        po_line_id,
        ordered_pieces,
        received_pieces,
        lead_days,
        is_late
    from {{ ref('fct_po_lines') }}
    where status <> 'cancelled'
)

select
    supplier || '-' || strftime(month, '%Y%m') as supplier_month_id,
    supplier,
    month,
    count(*) as lines,
    avg(lead_days) as average_lead_days,
    sum(received_pieces) / sum(ordered_pieces) as fill_rate,
    sum(case when is_late then 1 else 0 end) / count(*) as late_share
from lines
group by supplier, month
