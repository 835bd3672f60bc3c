select
    {{ surrogate_key(['s.account_no', 's.statement_on']) }} as statement_key,
    s.account_no,
    s.statement_on,
    s.balance_cents / 100.0 as statement_balance,
    b.balance as ledger_balance,
    b.balance - s.balance_cents / 100.0 as difference
from {{ source('raw', 'bank_statements') }} as s
left join {{ ref('fct_daily_balances') }} as b
    on s.account_no = b.account_no
    and s.statement_on = b.day
