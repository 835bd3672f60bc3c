with both_systems as (
    select
        'north' as source_system,
        cast(null as varchar) as branch,
        posting_id,
        journal_no,
        account_no,
        counter_account,
        currency,
        amount,
        posted_at
    from {{ ref('stg_north_postings') }}
    union all
    select
        'south' as source_system,
        branch,
        posting_id,
        journal_no,
        account_no,
        counter_account,
        currency,
        amount,
        posted_at
    from {{ ref('stg_south_postings') }}
)

select
    {{ surrogate_key(['source_system', 'branch', 'posting_id']) }} as posting_key,
    {{ surrogate_key(['source_system', 'journal_no']) }} as journal_key,
    both_systems.*,
    cast(posted_at as date) as posted_on
from both_systems
