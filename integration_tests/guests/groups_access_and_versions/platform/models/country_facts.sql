select code, 1 as size from {{ ref('countries') }}
