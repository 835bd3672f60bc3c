{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id'
    )
}}

select
    event_id,
    ticket_id,
    value as status,
    happened_at,
    loaded_at
from {{ ref('stg_ticket_events') }}
where event = 'status'
{% if is_incremental() %}
    and loaded_at >= (select max(loaded_at) - interval 3 day from {{ this }})
{% endif %}
