{{ config(materialized='view') }}

select
    id as event_id,
    ticket_id,
    event,
    value,
    agent_id,
    happened_at as happened_at,
    loaded_at
from {{ source('raw', 'ticket_events') }}
