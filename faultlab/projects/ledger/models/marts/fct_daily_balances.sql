with days as (
    select cast(unnest(generate_series(timestamp '2025-01-01', timestamp '2025-04-30', interval 1 day)) as date) as day
),

movements as (
    select
        account_no,
        posted_on,
        count(*) as postings,
        sum(amount) as movement,
        sum(amount_eur) as movement_eur
    from {{ ref('fct_postings') }}
    group by account_no, posted_on
)

select
    {{ surrogate_key(['a.account_no', 'd.day']) }} as balance_key,
    a.account_no,
    d.day,
    coalesce(m.postings, 0) as postings,
    coalesce(m.movement, 0) as movement,
    sum(coalesce(m.movement, 0)) over (partition by a.account_no order by d.day) as balance,
    sum(coalesce(m.movement_eur, 0)) over (partition by a.account_no order by d.day) as balance_eur
from {{ ref('stg_accounts') }} as a
cross join days as d
left join movements as m
    on a.account_no = m.account_no
    and d.day = m.posted_on
