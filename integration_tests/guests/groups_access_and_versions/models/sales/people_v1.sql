select distinct id, name from {{ source('raw', 'customers') }}
