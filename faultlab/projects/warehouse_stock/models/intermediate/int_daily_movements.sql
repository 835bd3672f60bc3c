select
    sku,
    warehouse_id,
    date_trunc('day', moved_at)::date as day,
    sum(pieces) as pieces,
    sum(case when kind = 'OUT' then -pieces else 0 end) as pieces_out
from {{ ref('int_movement_pieces') }}
where sku is not null
group by sku, warehouse_id, date_trunc('day', moved_at)::date
