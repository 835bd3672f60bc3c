with days as (
    select cast(d.day as date) as day
    from range(timestamp '2025-01-01', timestamp '2025-05-01', interval 1 day) as d(day)
),

stocked as (
    select distinct sku, warehouse_id
    from {{ ref('int_daily_movements') }}
),

spine as (
    select s.sku, s.warehouse_id, d.day
    from stocked as s
    cross join days as d
)

select
    md5(concat_ws('-', s.sku, s.warehouse_id, s.day)) as stock_day_id,
    s.sku,
    s.warehouse_id,
    s.day,
    coalesce(m.pieces, 0) as change,
    sum(coalesce(m.pieces, 0)) over (
        partition by s.sku, s.warehouse_id
        order by s.day
        rows between unbounded preceding and current row
    ) as on_hand
from spine as s
left join {{ ref('int_daily_movements') }} as m
    on s.sku = m.sku and s.warehouse_id = m.warehouse_id and s.day = m.day
