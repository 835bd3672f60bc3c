select distinct * from {{ source('raw', 'customers') }}
