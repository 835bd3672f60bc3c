create table raw.customers as
select i as id, 'Customer ' || i as full_name, 'customer' || i || '@example.org' as email,
    ['DE', 'FR', 'NL', 'IT', 'ES'][1 + (hash(i, 1) % 5)::int] as country,
    strftime(date '2024-01-01' + (hash(i, 2) % 360)::int, '%Y-%m-%d') as signed_up_on,
    timestamp '2025-12-01 04:00:00' as updated_at
from range(1, 601) as r(i)
union all
select i, 'Customer ' || i, 'old' || i || '@example.org', 'Germany', '2024-01-01', timestamp '2025-03-01 04:00:00'
from range(1, 601) as r(i) where i % 15 = 0;

create table raw.stores as
select i as id, 'Store ' || i as name, ['Bonn', 'Ghent', 'Lille', 'Turin', 'Utrecht', 'Vigo'][1 + (i % 6)::int] as city,
    ['north', 'south', 'east', 'west'][1 + (i % 4)::int] as region, date '2019-03-01' + (i * 40)::int as opened_on
from range(1, 25) as r(i);

create table raw.products as
select i as id, 'SKU-' || lpad(i::varchar, 4, '0') as sku, 'Product ' || i as name,
    printf('%.2f', (500 + (hash(i, 3) % 9500)::int) / 100.0) as list_price, hash(i, 4) % 20 <> 0 as is_active
from range(1, 301) as r(i);

create table raw.categories as
select i as id, ['Audio', 'Books', 'Camping', 'Decor', 'Garden', 'Games', 'Kitchen', 'Office', 'Pets', 'Shoes', 'Tools', 'Toys'][i::int] as name
from range(1, 13) as r(i);

create table raw.product_categories as
select i as product_id, 1 + (hash(i, 5) % 6)::int as category_id, case when i % 3 = 0 then 0.7 else 1.0 end as weight
from range(1, 301) as r(i)
union all
select i, 7 + (hash(i, 6) % 6)::int, 0.3 from range(1, 301) as r(i) where i % 3 = 0;

create table raw.promotions as
select row_number() over (order by m, c.code) as id, c.code, 5 * (1 + (hash(c.code, m) % 5)::int) as discount_pct,
    (date '2025-01-01' + to_months(m::int))::date as starts_on,
    (date '2025-01-01' + to_months(m::int + 1) - interval 1 day)::date as ends_on
from (select unnest(['LOYAL', 'NEWS', 'FRIENDS', 'WEEKEND', 'STAFF']) as code) as c, range(12) as r(m);

create table raw.orders as
select i as id, 1 + (hash(i, 7) % 600)::int as customer_id, 1 + (hash(i, 8) % 24)::int as store_id,
    case when hash(i, 9) % 4 = 0 then ['LOYAL', 'NEWS', 'FRIENDS', 'WEEKEND', 'STAFF'][1 + (hash(i, 10) % 5)::int] end as promotion_code,
    case when i % 60 = 0 then 'training' when hash(i, 11) % 3 = 0 then null else ['till', 'web'][1 + (hash(i, 12) % 2)::int] end as channel,
    ['P', 'S', 'D', 'D', 'D', 'R'][1 + (hash(i, 13) % 6)::int] as status_code,
    timestamp '2025-01-01 08:00:00' + to_minutes(i * 215) as ordered_at
from range(1, 2401) as r(i);

create table raw.order_lines as
select o * 10 + n as id, o as order_id, n + 1 as line_no, 1 + (hash(o, n, 14) % 300)::int as product_id,
    1 + (hash(o, n, 15) % 4)::int as quantity, 300 + (hash(o, n, 16) % 9000)::int as unit_price_cents,
    case when hash(o, n, 17) % 5 = 0 then 100 end as line_discount_cents
from range(1, 2401) as r(o), range(3) as s(n) where n = 0 or hash(o, n, 18) % 2 = 0;

create table raw.payments as
with totals as (
    select o.id as order_id, o.ordered_at,
        sum(l.quantity * l.unit_price_cents - coalesce(l.line_discount_cents, 0))::bigint as gross,
        coalesce(max(p.discount_pct), 0) as pct
    from raw.orders as o
    join raw.order_lines as l on l.order_id = o.id
    left join raw.promotions as p on p.code = o.promotion_code and o.ordered_at::date between p.starts_on and p.ends_on
    where o.channel is distinct from 'training'
    group by o.id, o.ordered_at
), due as (
    select order_id, ordered_at, gross - round(gross * pct / 100.0)::bigint as cents, order_id % 7 = 0 as is_split from totals
)
select order_id * 10 as id, order_id, ['card', 'cash', 'transfer'][1 + (hash(order_id, 19) % 3)::int] as method,
    case when is_split then cents - 200 else cents end as amount_cents, 'settled' as state, ordered_at + interval 20 minute as paid_at
from due
union all
select order_id * 10 + 1, order_id, 'gift', 200, 'settled', ordered_at + interval 15 minute from due where is_split
union all
select order_id * 10 + 2, order_id, 'card', cents, 'failed', ordered_at + interval 10 minute from due where order_id % 11 = 0;
