create table raw.teams as
select * from (values (1, 'Billing'), (2, 'Technical'), (3, 'Accounts'), (4, 'Logistics'), (5, 'Onboarding')) as t(id, name);

create table raw.agents as
select i as id, 'Agent ' || i as name, 'agent' || i || '@help.example' as email, 1 + (i % 5)::int as team_id,
    case when i % 8 = 0 then 'inactive' else 'active' end as state, date '2021-03-01' + (hash(i, 1) % 1200)::int as hired_on
from range(11, 411) as r(i);

create table raw.tickets as
with base as (
    select i as id, 'customer' || (1 + hash(i, 2) % 700) || '@mail.example' as requester, 'Request ' || i as subject,
        case when i % 40 = 0 then 'spam' when i % 11 = 0 then null else ['email', 'chat', 'phone'][1 + (hash(i, 3) % 3)::int] end as channel,
        case when i % 13 > 0 then 1 + (hash(i * 9 + 4) % 4)::int end as priority,
        ['invoice', 'refund', 'login', 'password', 'delivery', 'damage', 'bug', 'setup'] as names, (hash(i * 9 + 5) % 8)::int as k,
        timestamp '2025-02-03 00:00:00' + to_minutes(i * 126) as created_at
    from range(1, 1001) as r(i)
)
select id, requester, subject, channel, priority,
    names[k + 1] || case when hash(id * 9 + 6) % 2 = 0 then ',' || names[(k + 3) % 8 + 1] else '' end
        || case when hash(id * 9 + 7) % 4 = 0 then ',' || names[(k + 4) % 8 + 1] else '' end as tags,
    created_at,
    case when channel is distinct from 'spam' and hash(id, 8) % 10 > 0
        then created_at + to_minutes(500 + (hash(id, 9) % 3000)::bigint + case when hash(id, 10) % 9 = 0 then 900 else 0 end) end as closed_at,
    timestamp '2025-05-20 02:00:00' as exported_at
from base
union all
select id, requester, subject, channel, priority, 'unsorted', created_at, null, timestamp '2025-04-20 02:00:00'
from base where hash(id, 11) % 12 = 0;

create table raw.ticket_events as
with t as (
    select *, created_at + to_minutes(10 + (hash(id, 12) % 380)::bigint) as replied_at,
        hash(id, 10) % 9 = 0 as reopened
    from raw.tickets where channel is distinct from 'spam' and exported_at = timestamp '2025-05-20 02:00:00'
),
events as (
    select id * 10 + 1 as id, id as ticket_id, 'status' as event, 'new' as value, null::bigint as agent_id, created_at as happened_at from t
    union all
    select id * 10 + 2, id, 'assigned', null, 11 + (hash(id, 13) % 400)::bigint, created_at + interval 4 minute from t
    union all
    select id * 10 + 3, id, 'reply', null, 11 + (hash(id, 13) % 400)::bigint, replied_at from t
    union all
    select id * 10 + 4, id, 'status', 'pending', 11 + (hash(id, 13) % 400)::bigint, replied_at from t
    union all
    select id * 10 + 5, id, 'status', 'solved', 11 + (hash(id, 13) % 400)::bigint, closed_at - to_minutes(case when reopened then 900 else 0 end) from t where closed_at is not null
    union all
    select id * 10 + 6, id, 'status', 'open', null, closed_at - interval 400 minute from t where closed_at is not null and reopened
    union all
    select id * 10 + 7, id, 'status', 'solved', 11 + (hash(id, 13) % 400)::bigint, closed_at from t where closed_at is not null and reopened
)
select *, happened_at + interval 1 hour as loaded_at from events;

create table raw.email_surveys as
select id as survey_no, id as ticket_id, (1 + greatest(hash(id * 9 + 1) % 5, hash(id * 9 + 2) % 5))::varchar as score,
    closed_at + interval 1 day as answered_at
from raw.tickets where closed_at is not null and channel is distinct from 'chat' and hash(id, 16) % 3 = 0;

create table raw.chat_surveys as
select 'T-' || id as ticket_ref, (1 + greatest(hash(id * 9 + 1) % 5, hash(id * 9 + 2) % 5))::varchar as rating,
    closed_at + interval 5 minute as answered_at
from raw.tickets where closed_at is not null and channel = 'chat' and hash(id, 16) % 3 < 2;

insert into raw.email_surveys
select 90000 + row_number() over (order by ticket_ref), substr(ticket_ref, 3)::bigint, rating, answered_at
from raw.chat_surveys where hash(ticket_ref, 17) % 15 = 0;

create table raw.office_days as
select d.day::date as day, d.day + interval 8 hour as opens_at,
    d.day + to_hours(case when isodow(d.day) = 5 then 16 else 18 end) as closes_at
from range(timestamp '2024-09-01', timestamp '2025-12-31', interval 1 day) as d(day)
where isodow(d.day) < 6 and d.day not in (timestamp '2025-04-18', timestamp '2025-04-21', timestamp '2025-05-01');
