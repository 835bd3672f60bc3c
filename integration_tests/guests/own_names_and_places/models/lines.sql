{{ config(alias='people', schema='lines') }}
select * from {{ source('files', 'lines') }}
