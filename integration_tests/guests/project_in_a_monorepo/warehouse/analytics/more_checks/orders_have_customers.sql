select * from {{ ref('stg_orders') }} where customer_id not in (select id from {{ source('raw', 'customers') }})
