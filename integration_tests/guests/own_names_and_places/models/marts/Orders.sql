{{ config(alias='ORDERS 2026') }}
select id as "Order Id", status as "Order", amount from {{ source('raw', 'orders') }}
