create table raw.accounts as
select i as id, 'Company ' || i as company, ['DE', 'AT', 'CH', 'PL', 'SE'][1 + (hash('land' || i) % 5)::int] as country,
    case when i % 50 = 0 then 'demo' else ['small', 'mid', 'enterprise'][1 + (hash('segment' || i) % 3)::int] end as segment,
    timestamp '2023-11-01 09:00:00' + to_hours((hash('made' || i) % 500)::int) as updated_at
from range(1, 321) as r(i);

create table raw.plans as
select i as id, ['B', 'P', 'S'][1 + (i % 3)::int] || i as code, ['basic', 'pro', 'scale'][1 + (i % 3)::int] as tier,
    case when i % 4 = 0 then 'annual' else 'monthly' end as billing_period, timestamp '2023-06-01 00:00:00' as updated_at
from range(1, 13) as r(i);

create table raw.plan_prices as
select row_number() over (order by p.id, e.n) as id, p.code as plan_code, e.starts as effective_from,
    (case when p.billing_period = 'annual' then 12 else 1 end) * 100 * (10 * (1 + p.id % 3 * 2) + 3 * e.n + p.id)::int as price_cents
from raw.plans as p,
    (select unnest(['15.01.2023', '20.06.2024', '15.03.2025']) as starts, unnest([0, 1, 2]) as n) as e;

create table raw.subscription_events as
with subscriptions as (
    select s, 1 + (hash('account' || s) % 320)::int as account_id, 1 + (hash('plan' || s) % 12)::int as plan_id,
        timestamp '2024-01-03 10:15:00' + to_days((hash('start' || s) % 400)::int) as started_at
    from range(1, 401) as r(s)
), events as (
    select s, account_id, plan_id, 'ST' as event_code, started_at as happened_at, 1 + (hash('seats' || s) % 30)::int as seats from subscriptions
    union all
    select s, account_id, 1 + (plan_id + 3) % 12, 'CH', started_at + to_days(60 + (hash('change' || s) % 90)::int), 1 + (hash('more' || s) % 50)::int
    from subscriptions where hash('changes' || s) % 5 < 2
    union all
    select s, account_id, plan_id, 'CA', started_at + to_days(180 + (hash('end' || s) % 150)::int), 1 + (hash('more' || s) % 50)::int
    from subscriptions where hash('ends' || s) % 3 = 0
), numbered as (
    select row_number() over (order by happened_at, s) as id, * from events
)
select n.id, s as subscription_id, account_id, p.code as plan_code, event_code, seats::varchar as seats, happened_at,
    case when n.id % 9 = 0 then null when n.id % 2 = 0 then 'app' else 'sales' end as origin, happened_at + interval 5 minute as received_at
from numbered as n join raw.plans as p on p.id = n.plan_id
union all
select id, s, account_id, 'TBD', event_code, '1', happened_at, 'app', happened_at + interval 1 minute from numbered where id % 20 = 0
union all
select 10000 + i, 500 + i, 1 + i % 320, 'P1', 'ST', '25', timestamp '2024-05-05 12:00:00' + to_days(i::int), 'test', timestamp '2024-05-05 13:00:00' + to_days(i::int)
from range(1, 31) as r(i);

create table raw.invoices as
with latest as (
    select * from raw.subscription_events where origin is distinct from 'test'
    qualify row_number() over (partition by id order by received_at desc) = 1
), periods as (
    select *, coalesce(lead(happened_at) over (partition by subscription_id order by happened_at), timestamp '9999-12-31') as ends_at from latest
), prices as (
    select plan_code, price_cents, strptime(effective_from, '%d.%m.%Y') as starts_at,
        coalesce(lead(strptime(effective_from, '%d.%m.%Y')) over (partition by plan_code order by strptime(effective_from, '%d.%m.%Y')), timestamp '9999-12-31') as ends_at
    from raw.plan_prices
), billed as (
    select s.subscription_id, m.month, (s.seats::int * c.price_cents / case when p.billing_period = 'annual' then 12 else 1 end)::bigint as cents
    from (select unnest(generate_series(timestamp '2024-02-01', timestamp '2025-09-01', interval 1 month)) as month) as m
    join periods as s on s.happened_at <= m.month and m.month < s.ends_at and s.event_code <> 'CA'
    join raw.accounts as a on a.id = s.account_id and a.segment <> 'demo'
    join raw.plans as p on p.code = s.plan_code
    join prices as c on c.plan_code = s.plan_code and c.starts_at <= m.month and m.month < c.ends_at
), numbered as (
    select row_number() over (order by month, subscription_id) as id, * from billed
)
select id, subscription_id, cents as amount_cents, 'open' as state, month + interval 30 minute as issued_at from numbered
union all
select 50000 + id, subscription_id, cents, 'void', month + interval 10 minute from numbered where id % 30 = 0;
