{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select id, status, ordered_at from {{ source('raw', 'orders') }}
{% if is_incremental() %}where ordered_at >= (select max(ordered_at) from {{ this }}){% endif %}
