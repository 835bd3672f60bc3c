select id, customer_id, status, {{ shared_macros.in_euro('amount') }} as euro from {{ source('raw', 'orders') }}
