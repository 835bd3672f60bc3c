create table raw.north_archive as
with journals as (
    select j, (hash('currency' || j) % 3)::int as r, (hash('debit' || j) % 8)::int as d, (hash('shift' || j) % 7)::int as c,
        1000 + (hash('amount' || j) % 300000)::int as cents, timestamp '2025-01-01 00:20:00' + to_minutes(j * 155) as posted_at
    from range(1, 1101) as t(j)
), lines as (
    select j * 2 - 1 as id, j, 'S' as side, 3 * d + r + 1 as own, 3 * ((d + 1 + c) % 8) + r + 1 as other, r, cents, posted_at from journals
    union all
    select j * 2, j, 'H', 3 * ((d + 1 + c) % 8) + r + 1, 3 * d + r + 1, r, cents, posted_at from journals
)
select id as posting_id, j as journal_no, 'N-' || lpad(own::varchar, 2, '0') as account_no, 'N-' || lpad(other::varchar, 2, '0') as counter_account,
    side, ['EUR', 'USD', 'GBP'][r + 1] as currency, cents as amount_cents, posted_at, 'posted' as state, 2 as version
from lines
union all
select id, j, 'N-' || lpad(own::varchar, 2, '0'), 'N-' || lpad(other::varchar, 2, '0'), side, ['EUR', 'USD', 'GBP'][r + 1], cents + 500, posted_at, 'posted', 1
from lines where id % 17 = 0
union all
select 5000 + id, 5000 + j, 'N-' || lpad(own::varchar, 2, '0'), 'N-' || lpad(other::varchar, 2, '0'), side, ['EUR', 'USD', 'GBP'][r + 1], cents, posted_at, 'draft', 1
from lines where id % 23 = 0;

create table raw.north_postings as select * from raw.north_archive where posted_at >= timestamp '2025-02-15';

delete from raw.north_archive where posted_at >= timestamp '2025-03-01';

create table raw.south_postings as
with journals as (
    select j, ['NYC', 'BOS'][1 + (j % 2)::int] as branch, (hash('coin' || j) % 3)::int as r, (hash('from' || j) % 8)::int as d, (hash('to' || j) % 7)::int as c,
        20000 + (hash('sum' || j) % 250000)::int as cents, timestamp '2025-01-01 06:10:00' + to_minutes(j * 187) as booked_at
    from range(1, 901) as t(j)
), lines as (
    select j * 2 - 1 as n, j, branch, 25 + 3 * d + r as own, 25 + 3 * ((d + 1 + c) % 8) + r as other, r, cents as debit, null as credit, booked_at from journals
    union all
    select j * 2, j, branch, 25 + 3 * ((d + 1 + c) % 8) + r, 25 + 3 * d + r, r, null, cents, booked_at from journals
)
select row_number() over (partition by branch order by n) as posting_id, branch, j as journal_no, 's-' || own as account, 's-' || other as counter,
    ['EUR', 'USD', 'GBP'][r + 1] as currency, format('{:,.2f}', debit / 100.0) as debit, format('{:,.2f}', credit / 100.0) as credit,
    (booked_at at time zone 'UTC') at time zone 'America/New_York' as booked_local, case when n % 3 = 0 then 'ok' end as status
from lines
union all
select 20000 + n, branch, 20000 + j, 's-' || own, 's-' || other, ['EUR', 'USD', 'GBP'][r + 1], format('{:,.2f}', debit / 100.0), format('{:,.2f}', credit / 100.0),
    (booked_at at time zone 'UTC') at time zone 'America/New_York', 'void'
from lines where n % 25 = 0;

create table raw.rates as
select row_number() over (order by day, c.currency) as id, c.currency, day::date as rate_on,
    round(c.rate * (0.97 + (hash('rate' || c.currency || day) % 600)::int / 10000.0), 5) as eur_rate, day + interval 16 hour as published_at
from (select unnest(generate_series(timestamp '2024-12-30', timestamp '2025-04-25', interval 1 day)) as day) as d,
    (values ('USD', 0.92), ('GBP', 1.18), ('CHF', 1.05), ('SEK', 0.09)) as c(currency, rate)
where isodow(day) < 6
union all
select 5000 + row_number() over (order by day), 'GBP', day::date, 11.8, day + interval 9 hour
from (select unnest(generate_series(timestamp '2025-01-07', timestamp '2025-04-22', interval 7 day)) as day) as d;

create table raw.bank_statements as
with movements as (
    select account_no, posted_at::date as day, case side when 'S' then amount_cents else -amount_cents end as cents
    from (
        select * from raw.north_archive union select * from raw.north_postings
    ) where state = 'posted' qualify row_number() over (partition by posting_id order by version desc) = 1
    union all
    select upper(account), ((booked_local at time zone 'America/New_York') at time zone 'UTC')::date,
        (coalesce(replace(debit, ',', '')::decimal(14, 2), 0) - coalesce(replace(credit, ',', '')::decimal(14, 2), 0)) * 100
    from raw.south_postings where status is distinct from 'void'
), fridays as (
    select unnest(generate_series(timestamp '2025-01-03', timestamp '2025-04-25', interval 7 day))::date as statement_on
)
select row_number() over (order by statement_on, account_no) as id, a.account_no, statement_on,
    coalesce((select sum(m.cents) from movements as m where m.account_no = a.account_no and m.day <= f.statement_on), 0)::bigint as balance_cents
from (select distinct account_no from movements) as a, fridays as f;
