with latest as (
    select
        account_no,
        balance,
        balance_eur,
        row_number() over (partition by account_no order by day desc) as day_rank
    from {{ ref('fct_daily_balances') }}
)

select
    a.account_no,
    a.account_name,
    a.account_type,
    a.statement,
    a.currency,
    l.balance,
    l.balance_eur
from {{ ref('stg_accounts') }} as a
left join latest as l
    on a.account_no = l.account_no
    and l.day_rank = 1
