with exports as (
    select * from {{ source('raw', 'north_archive') }}
    union
    select * from {{ source('raw', 'north_postings') }}
),

versions as (
    select
        *,
        max(version) over (partition by posting_id) as latest_version
    from exports
    where state = 'posted'
)

select
    posting_id,
    journal_no,
    account_no,
    counter_account,
    currency,
    case side
        when 'S' then amount_cents / 100.0
        when 'H' then -amount_cents / 100.0
    end as amount,
    posted_at
from versions
where version = latest_version
