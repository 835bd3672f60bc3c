{% snapshot snap_accounts %}

{{ config(unique_key='account_id', strategy='timestamp', updated_at='updated_at') }}

select
    id as account_id,
    company,
    country,
    segment,
    updated_at
from {{ source('raw', 'accounts') }}
where segment <> 'demo'

{% endsnapshot %}
