create table raw.drivers as
select i as id, 'Driver ' || i as name, 'P' || (40000 + i * 7) as permit,
    ['LON', 'BER', 'ATH', 'LIS'][1 + (i % 4)::int] as home,
    case when i % 13 = 0 then 'left' when i % 5 > 0 then 'active' end as state,
    date '2022-01-01' + (hash(i, 1) % 1000)::int as joined_on, timestamp '2025-01-02 03:00:00' as updated_at
from range(1, 321) as r(i)
union all
select i, 'Driver ' || i, null, ['LON', 'BER', 'ATH', 'LIS'][1 + (i % 4)::int], 'active', null, timestamp '2024-05-05 03:00:00'
from range(1, 321) as r(i) where i % 12 = 0;

create table raw.trips as
select i as id, 'app' as channel, case when i % 70 = 0 then null else 1 + (hash(i, 2) % 320)::int end as driver_id,
    5000 + (hash(i, 3) % 1500)::int as rider_id,
    ['LON', 'BER', 'ATH', 'LIS'][1 + (hash(i, 4) % 4)::int] || '-' || (1 + hash(i * 7 + 5) % 4) as pickup_zone,
    ['LON', 'BER', 'ATH', 'LIS'][1 + (hash(i, 4) % 4)::int] || '-' || (1 + hash(i * 7 + 6) % 4) as dropoff_zone,
    ['S', 'S', 'S', 'C', 'V'][1 + (hash(i, 7) % 5)::int] as service,
    strftime(timestamp '2025-01-06 00:00:00' + to_minutes(i * 16), '%Y-%m-%dT%H:%M:%SZ') as picked_up_at,
    strftime(timestamp '2025-01-06 00:00:00' + to_minutes(i * 16 + 4 + (hash(i, 8) % 45)::bigint), '%Y-%m-%dT%H:%M:%SZ') as dropped_off_at,
    printf('%.1f', 1 + (hash(i, 9) % 240) / 10) as distance_km, 450 + (hash(i, 10) % 3200)::int as base_cents,
    case when i % 70 = 0 then 'test' when hash(i, 11) % 12 = 0 then 'cancelled' when hash(i, 11) % 3 > 0 then 'completed' end as status
from range(1, 4651) as r(i);

create table raw.phone_trips as
select i as id, 1 + (hash(i, 2) % 320)::int as driver_id, 0 as rider_id,
    ['LON', 'ATH'][1 + (hash(i, 4) % 2)::int] || '-' || (1 + hash(i * 7 + 5) % 4) as pickup_zone,
    ['LON', 'ATH'][1 + (hash(i, 4) % 2)::int] || '-' || (1 + hash(i * 7 + 6) % 4) as dropoff_zone,
    'S' as service,
    strftime(timestamp '2025-01-06 00:00:00' + to_minutes((i - 80000) * 130 + 25), '%Y-%m-%dT%H:%M:%SZ') as picked_up_at,
    strftime(timestamp '2025-01-06 00:00:00' + to_minutes((i - 80000) * 130 + 41), '%Y-%m-%dT%H:%M:%SZ') as dropped_off_at,
    printf('%.1f', 1 + (hash(i, 9) % 120) / 10) as distance_km, 600 + (hash(i, 10) % 1500)::int as base_cents, 'completed' as status
from range(80001, 80601) as r(i);

insert into raw.trips
select id, 'phone', driver_id, rider_id, pickup_zone, dropoff_zone, service, picked_up_at, dropped_off_at, distance_km, base_cents, status
from raw.phone_trips where id > 80500;

create table raw.surge_intervals as
select row_number() over (order by c.city, d.day, h.starts) as id, c.city,
    d.day + to_hours(h.starts) as starts_at, d.day + to_hours(h.ends) as ends_at,
    h.factor + (hash(c.city, d.day, h.starts) % 3) / 10 as factor
from (values ('London'), ('Berlin'), ('Athens'), ('Lisbon')) as c(city),
    range(timestamp '2025-01-06', timestamp '2025-03-04', interval 1 day) as d(day),
    (values (6, 8, 1.2), (8, 9, 1.1), (16, 18, 1.4), (18, 20, 1.2)) as h(starts, ends, factor);

create table raw.charges as
with trips as (
    select id, pickup_zone, service, picked_up_at, base_cents from raw.trips
    where channel = 'app' and (status is null or status = 'completed')
    union all
    select id, pickup_zone, service, picked_up_at, base_cents from raw.phone_trips
)
select 3 + t.id as id, t.id as trip_id, round(t.base_cents * coalesce(s.factor, 1))::int as amount_cents,
    case when t.pickup_zone like 'LON%' then 'GBP' else 'EUR' end as currency,
    strptime(t.picked_up_at, '%Y-%m-%dT%H:%M:%SZ') + to_minutes((50 + hash(t.id, 12) % 90)::bigint) as charged_at
from trips as t
left join raw.surge_intervals as s
    on upper(left(s.city, 3)) = left(t.pickup_zone, 3)
    and strptime(t.picked_up_at, '%Y-%m-%dT%H:%M:%SZ') >= s.starts_at
    and strptime(t.picked_up_at, '%Y-%m-%dT%H:%M:%SZ') < s.ends_at;

create table raw.ratings as
select trip_id, 3 + (hash(trip_id, 13) % 3)::int as stars, charged_at + interval 1 day as rated_at
from raw.charges where hash(trip_id, 14) % 5 < 3
union all
select trip_id, 0, charged_at from raw.charges where hash(trip_id, 14) % 5 < 3 and hash(trip_id, 15) % 4 = 0;

create table raw.city_ledger as
with local as (
    select t.id, left(t.pickup_zone, 3) as prefix,
        strptime(t.picked_up_at, '%Y-%m-%dT%H:%M:%SZ')
            + to_hours(case left(t.pickup_zone, 3) when 'BER' then 1 when 'ATH' then 2 else 0 end) as picked_up_at
    from (select id, pickup_zone, picked_up_at from raw.trips where channel = 'app'
        union all select id, pickup_zone, picked_up_at from raw.phone_trips) as t
)
select case l.prefix when 'LON' then 'London' when 'BER' then 'Berlin' when 'ATH' then 'Athens' else 'Lisbon' end as city,
    l.picked_up_at::date as day, count(*)::int as trips,
    round(sum(c.amount_cents / 100.0 * case c.currency when 'GBP' then 1.19 else 1 end), 2) as revenue_eur
from local as l join raw.charges as c on c.trip_id = l.id
group by 1, 2;
