create table raw.patients as
select i as id, 'Patient ' || i as full_name,
    strftime(date '1935-01-01' + (hash(i, 1) % 31000)::int, '%Y-%m-%d') as birth_date,
    case when i % 60 = 0 then null else ['F', 'M'][1 + (hash(i, 2) % 2)::int] end as sex,
    ['Basel', 'Lörrach', 'Weil', 'Riehen'][1 + (hash(i, 3) % 4)::int] as city,
    timestamp '2025-12-01' as updated_at
from range(1, 801) as r(i)
union all
select i, 'Patient ' || i, null, null, 'Basel', timestamp '2024-03-01'
from range(1, 801) as r(i) where i % 15 = 0;

create table raw.doctors as
select i as id, 'Dr. ' || ['Weber', 'Meier', 'Frei', 'Keller', 'Huber', 'Graf'][1 + (hash(i, 4) % 6)::int] || ' ' || i as name,
    ['general', 'cardiology', 'orthopedics', 'dermatology'][1 + (i % 4)::int] as specialty,
    case when i % 9 = 0 then date '2025-09-30' end as left_on
from range(1, 37) as r(i);

create table raw.rooms as
select chr((65 + i % 3)::int) || '-' || (100 + i) as code, (1 + i // 8)::int as floor,
    ['exam', 'exam', 'surgery', 'lab'][1 + (i % 4)::int] as kind
from range(0, 24) as r(i);

create table raw.appointments as
select i as id, case when i % 50 = 0 then null else 1 + (hash(i, 5) % 800)::int end as patient_id,
    1 + (hash(i, 6) % 36)::int as doctor_id,
    chr((65 + (hash(i, 7) % 24) % 3)::int) || '-' || (100 + hash(i, 7) % 24) as room_code,
    timestamp '2025-01-06 08:00:00' + to_days((hash(i, 8) % 320)::int) + to_minutes((hash(i, 9) % 18)::bigint * 30) as starts_at,
    case when i % 50 = 0 then 'TEST' when hash(i, 10) % 20 < 12 then 'DONE' when hash(i, 10) % 20 < 14 then 'CANC'
        when hash(i, 10) % 20 < 19 then 'BOOK' end as status
from range(1, 3101) as r(i);

create table raw.appointments_archive as
select * from raw.appointments where id between 1 and 200
union all
select i as id, 1 + (hash(i, 5) % 800)::int, 1 + (hash(i, 6) % 36)::int,
    chr((65 + (hash(i, 7) % 24) % 3)::int) || '-' || (100 + hash(i, 7) % 24),
    timestamp '2024-07-01 08:00:00' + to_days((hash(i, 8) % 180)::int) + to_minutes((hash(i, 9) % 18)::bigint * 30),
    case when hash(i, 10) % 9 = 0 then 'CANC' else 'DONE' end
from range(9001, 9701) as r(i);

create table raw.visits as
select 20000 + id as id, id as appointment_id,
    starts_at + to_minutes((hash(id, 11) % 40)::bigint) as arrived_at,
    starts_at + to_minutes(50 + (hash(id, 12) % 70)::bigint) as left_at
from (select * from raw.appointments union select * from raw.appointments_archive) as a
where status = 'DONE' or status is null;

create table raw.visit_diagnoses as
select v.id as visit_id, n::int as position,
    ['I10', 'I25', 'J45', 'J20', 'M54', 'M17', 'L20', 'L40', 'E11', 'K21'][1 + (hash(v.id, n, 13) % 10)::int] as code
from raw.visits as v, range(1, 4) as r(n)
where n = 1 or hash(v.id, n, 14) % 3 = 0;

create table raw.treatments as
select v.id * 10 + n as id, v.id as visit_id,
    ['consult', 'xray', 'blood', 'ecg', 'physio'][1 + (hash(v.id, n, 15) % 5)::int] as treatment,
    1 + (hash(v.id, n, 16) % 3)::int as units, 2000 + (hash(v.id, n, 17) % 160)::int * 50 as price_cents,
    case when v.id % 12 = 0 then 'CHF' else 'EUR' end as currency,
    case when hash(v.id, n, 18) % 14 = 0 then 'void' else 'final' end as state
from raw.visits as v, range(1, 4) as r(n)
where n = 1 and hash(v.id, 19) % 10 > 0 or n > 1 and hash(v.id, n, 20) % 2 = 0;

create table raw.payments as
with bills as (
    select t.visit_id, sum(t.units * t.price_cents * case t.currency when 'CHF' then 1.08 else 1 end)::int as cents,
        max(v.left_at) as left_at
    from raw.treatments as t join raw.visits as v on v.id = t.visit_id
    where t.state = 'final' group by t.visit_id
)
select visit_id * 10 + 1 as id, visit_id, case when visit_id % 6 = 0 then 'state' else 'insurance' end as payer,
    cents * 8 // 10 as amount_cents, left_at + to_days(14 + (hash(visit_id, 21) % 20)::int) as paid_at
from bills
union all
select visit_id * 10 + 2, visit_id, 'self', cents - cents * 8 // 10, left_at + to_days((hash(visit_id, 22) % 9)::int)
from bills where hash(visit_id, 23) % 8 > 0;
