select id, customer_id, status, amount, cast(ordered_at as date) as ordered_on from {{ source('raw', 'orders') }}
