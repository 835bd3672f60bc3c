{{ config(materialized='incremental', unique_key='event_id', incremental_strategy='delete+insert') }}

select
    event_id,
    visitor_id,
    event_name,
    agent,
    page,
    campaign_code,
    purchase_value,
    tags,
    happened_at,
    loaded_at
from {{ ref('stg_events') }}
{% if is_incremental() %}
where loaded_at > (select max(loaded_at) - interval 14 day from {{ this }})
{% endif %}
