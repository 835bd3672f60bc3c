create table raw.campaigns as
select i as id, ['spring', 'launch', 'bundle', 'refer'][1 + (i % 4)::int] || '-' || i as code, 'Campaign ' || i as title,
    ['search', 'social', 'email', 'display'][1 + (hash('channel' || i) % 4)::int] as channel
from range(1, 31) as r(i);

create table raw.visitors as
select i::varchar as id, date '2025-01-01' + (hash('seen' || i) % 50)::int as first_seen_on,
    ['phone', 'tablet', 'desktop'][1 + (hash('device' || i) % 3)::int] as device
from range(1, 311) as r(i);

create table raw.events as
with visits as (
    select v, n, timestamp '2025-03-01 06:00:00' + to_days((n * 10)::int) + to_minutes((hash('visit' || v || '/' || n) % 12000)::int) as started_at,
        2 + (hash('length' || v || '/' || n) % 4)::int as length, hash('buys' || v || '/' || n) % 3 = 0 as buys,
        case when hash('paid' || v || '/' || n) % 3 < 2 then 1 + (hash('campaign' || v || '/' || n) % 30)::int end as campaign_id
    from range(1, 311) as r(v), range(4) as s(n) where hash('comes' || v || '/' || n) % 5 < 4
), steps as (
    select v, n, e, started_at + to_minutes((e * 5)::int) + to_seconds((hash('step' || v || '/' || n || '/' || e) % 200)::int) as happened_at,
        case when e = 0 then 'pv' when buys and e = length then 'bu' else ['pv', 'cl', 'ca'][1 + (hash('name' || v || '/' || n || '/' || e) % 3)::int] end as code,
        case when e = 0 then campaign_id end as campaign_id
    from visits, range(6) as t(e) where e <= length
), numbered as (
    select row_number() over (order by happened_at, v) as id, *,
        500 + (hash('one' || v || '/' || n) % 3000)::int + 2 * (300 + (hash('two' || v || '/' || n) % 2000)::int) as cents
    from steps
), delivered as (
    select id, v::varchar as visitor_id, code as event_code, happened_at, date_trunc('day', happened_at) + interval 27 hour as loaded_at,
        case when id % 10 = 0 then null when id % 2 = 0 then 'browser' else 'app' end as agent,
        '{"page": "/' || ['home', 'list', 'item', 'help'][1 + (hash('page' || id) % 4)::int] || '"'
            || case when campaign is null then '' else ', "campaign": "' || campaign || '"' end
            || case when code = 'bu' then ', "value": "' || printf('%.2f', cents / 100.0) || '"' else '' end
            || ', "tags": [' || case when hash('tag' || id) % 2 = 0 then '"new", "sale"' else '"sale"' end || ']}' as payload
    from (select n.*, c.code as campaign from numbered as n left join raw.campaigns as c on c.id = n.campaign_id) as n
)
select * from delivered
union all
select id, visitor_id, event_code, happened_at, loaded_at - interval 12 hour, agent, '{"page": "/unknown", "tags": []}' from delivered where id % 15 = 0
union all
select 900000 + i, 'monitor', 'pv', timestamp '2025-03-01' + to_hours((i * 6)::int), timestamp '2025-03-01 03:00:00' + to_days(1 + (i // 4)::int), 'monitor', '{"page": "/health", "tags": ["probe"]}'
from range(1, 190) as r(i);

create table raw.purchases as
with bought as (
    select id as event_id, visitor_id, happened_at, (json_extract_string(payload, '$.value')::decimal(10, 2) * 100)::bigint as cents,
        row_number() over (order by id) as n
    from raw.events where event_code = 'bu' and json_extract_string(payload, '$.value') is not null
)
select 7000 + n as id, event_id, visitor_id, cents as amount_cents, 'done' as state, strftime(happened_at, '%Y-%m-%dT%H:%M:%S') as purchased_at,
    '[{"sku": "A-' || (1 + hash('sku' || n) % 150) || '", "qty": 1, "cents": ' || (cents - 2 * (cents // 4)) || '}, {"sku": "B-'
        || (1 + hash('other' || n) % 150) || '", "qty": 2, "cents": ' || (cents // 4) || '}]' as basket
from bought
union all
select 9000 + n, event_id, visitor_id, cents, 'declined', strftime(happened_at - interval 1 minute, '%Y-%m-%dT%H:%M:%S'), '[]' from bought where n % 12 = 0;

create table raw.ad_spend as
select row_number() over (order by day, c.code) as id, c.code as campaign_code, day, 200 + (hash('cost' || c.code || day) % 900)::int as cost_cents,
    count(e.id) + (hash('extra' || c.code || day) % 13 = 0)::int as clicks, day + interval 29 hour as loaded_at
from (select unnest(generate_series(timestamp '2025-03-01', timestamp '2025-04-15', interval 1 day)) as day) as d
cross join raw.campaigns as c
left join raw.events as e on json_extract_string(e.payload, '$.campaign') = c.code and date_trunc('day', e.happened_at) = day
group by day, c.code;
