select id, name, email, {{ helpers.shown('name') }} from {{ source('raw', 'customers') }}
