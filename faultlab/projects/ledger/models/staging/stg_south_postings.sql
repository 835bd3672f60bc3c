with parsed as (
    select
        posting_id,
        branch,
        journal_no,
        upper(account) as account_no,
        upper(counter) as counter_account,
        currency,
        try_cast(replace(debit, ',', '') as decimal(14, 2)) as debit,
        try_cast(replace(credit, ',', '') as decimal(14, 2)) as credit,
        {{ to_utc('booked_local') }} as posted_at
    from {{ source('raw', 'south_postings') }}
    where status is distinct from 'void'
)

select
    posting_id,
    branch,
    journal_no,
    account_no,
    counter_account,
    currency,
    coalesce(debit, 0) - coalesce(credit, 0) as amount,
    posted_at
from parsed
