select * from {{ ref('orders') }} where amount > {{ var('high') }}
