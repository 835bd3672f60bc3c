{{ config(materialized='incremental', incremental_strategy='append') }}

select
    campaign_code || '|' || cast(day as date) as spend_key,
    campaign_code,
    cast(day as date) as spend_on,
    cost_cents / 100.0 as cost,
    clicks,
    loaded_at
from {{ source('raw', 'ad_spend') }}
{% if is_incremental() %}
where loaded_at > (select max(loaded_at) from {{ this }})
{% endif %}
