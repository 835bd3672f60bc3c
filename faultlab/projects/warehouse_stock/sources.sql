create table raw.products as
select 'SKU-' || lpad(i::varchar, 3, '0') as sku, 'Article ' || i as name,
    case when i % 10 = 0 then null else ['tools', 'paint', 'garden', 'electrics'][1 + (i % 4)::int] end as category,
    [6, 12, 24, 10][1 + (hash(i, 1) % 4)::int] as carton_size, 150 + (hash(i, 2) % 4000)::int as cost_cents,
    case when i % 11 = 0 then 'N' else 'Y' end as listed, timestamp '2025-02-01 04:00:00' as loaded_at
from range(1, 301) as r(i)
union all
select 'SKU-' || lpad(i::varchar, 3, '0'), 'Article ' || i, 'discontinued', 1, 100, 'Y', timestamp '2024-06-01 04:00:00'
from range(1, 301) as r(i) where i % 14 = 0;

create table raw.warehouses as
select * from (values (1, 'Hamburg', 'north'), (2, 'Leipzig', 'east'), (3, 'Ulm', 'south')) as w(id, city, region);

create table raw.movements as
select 100000 + i * 10 + w as id, 'SKU-' || lpad(i::varchar, 3, '0') as sku, w::int as warehouse_id, 'IN' as kind,
    60 + (hash(i, w, 3) % 30)::int as qty, 'CT' as unit, timestamp '2025-01-01 06:00:00' as moved_at, 'booked' as state
from range(1, 301) as r(i), range(1, 4) as s(w)
union all
select i, case when i % 90 = 0 then null
        else 'SKU-' || lpad((1 + hash(i, 4) % case when i > 2000 then 280 else 300 end)::varchar, 3, '0') end,
    1 + (hash(i, 5) % 3)::int, case when hash(i, 6) % 25 = 0 then 'RET' else 'OUT' end, 1 + (hash(i, 7) % 12)::int,
    case when hash(i, 8) % 8 = 0 then 'CT' else 'PC' end,
    timestamp '2025-01-02 07:00:00' + to_minutes(i * 38),
    case when hash(i, 9) % 15 = 0 then 'cancelled' when hash(i, 9) % 4 > 0 then 'booked' end
from range(1, 4001) as r(i);

create table raw.stock_counts as
with pieces as (
    select m.sku, m.warehouse_id, m.moved_at,
        m.qty * case m.kind when 'OUT' then -1 else 1 end * case m.unit when 'CT' then p.carton_size else 1 end as pieces
    from raw.movements as m join raw.products as p on m.sku = p.sku and p.carton_size > 1
    where m.state is distinct from 'cancelled'
)
select p.sku, p.warehouse_id, d.day::date as counted_on,
    sum(p.pieces)::int + (hash(p.sku, p.warehouse_id, d.day) % 3)::int - 1 as pieces
from pieces as p
join range(timestamp '2025-01-15', timestamp '2025-05-01', interval 1 month) as d(day)
    on p.moved_at < d.day + interval 1 day
group by p.sku, p.warehouse_id, d.day;

create table raw.purchase_orders as
select 'PO' || lpad(o::varchar, 5, '0') as po_number, l::int as line,
    ['N', 'E'][1 + (o % 2)::int] as supplier, 'SKU-' || lpad((1 + hash(o, l, 10) % 300)::varchar, 3, '0') as sku,
    1 + (o % 3)::int as warehouse_id, 2 + (hash(o, l, 11) % 20)::int as cartons,
    date '2025-01-02' + (o // 6)::int as ordered_on, date '2025-01-02' + (o // 6 + 14)::int as promised_on,
    case when hash(o, l, 12) % 10 < 7 then 'C' when hash(o, l, 12) % 10 = 7 then 'P'
        when hash(o, l, 12) % 10 = 8 then 'O' else 'X' end as status
from range(1, 601) as r(o), range(1, 4) as s(l)
where l = 1 or hash(o, l, 13) % 2 = 0;

create table raw.shipments_north as
with deliveries as (
    select po.po_number, po.line as line_no, po.sku as article,
        case n when 1 then po.cartons // 2 else po.cartons - po.cartons // 2 end * p.carton_size as pieces,
        (po.ordered_on + (5 + hash(po.po_number, po.line, 14) % 20 + (n - 1) * 7)::int)::date as delivered_on
    from raw.purchase_orders as po
    join raw.products as p on po.sku = p.sku and p.carton_size > 1
    join range(1, 3) as r(n) on po.status = 'C' or po.status = 'P' and n = 1
    where po.supplier = 'N'
)
select * from deliveries
union all
select * from deliveries where hash(po_number, line_no, 15) % 12 = 0;

create table raw.shipments_east as
select po.po_number || '/' || po.line as order_ref, po.sku as item_code,
    (case n when 1 then po.cartons // 2 else po.cartons - po.cartons // 2 end)::varchar as cartons,
    strftime(po.ordered_on + (5 + hash(po.po_number, po.line, 16) % 20 + (n - 1) * 7)::int, '%d.%m.%Y') as delivery_date
from raw.purchase_orders as po
join range(1, 3) as r(n) on po.status = 'C' or po.status = 'P' and n = 1
where po.supplier = 'E';
