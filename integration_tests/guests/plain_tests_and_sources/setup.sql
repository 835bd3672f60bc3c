create schema raw;
create table raw.customers as select * from (values
    (1, 'Ann', 'ann@example.org'), (2, 'Bob', null), (3, 'Cid', 'cid@example.org'), (3, 'Cid', 'cid@example.org')) as t(id, name, email);
create table raw.orders as select * from (values
    (1, 1, 'placed', 10.0, timestamp '2026-01-01'), (2, 1, 'shipped', 20.0, timestamp '2026-01-02'),
    (3, 2, 'lost', 30.0, timestamp '2026-01-03'), (4, 9, 'placed', -5.0, timestamp '2026-01-04'))
    as t(id, customer_id, status, amount, ordered_at);
