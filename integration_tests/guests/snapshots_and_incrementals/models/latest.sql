{{ config(materialized='table') }}
select status, count(*) as orders from {{ ref('between_models') }} group by status
