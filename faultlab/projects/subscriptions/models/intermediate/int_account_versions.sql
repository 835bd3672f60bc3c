select
    account_id,
    company,
    country,
    segment,
    dbt_valid_from as valid_from,
    coalesce(dbt_valid_to, timestamp '9999-12-31') as valid_to,
    dbt_valid_to is null as is_current
from {{ ref('snap_accounts') }}
