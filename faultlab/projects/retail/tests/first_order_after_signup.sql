select * from {{ ref('dim_customers') }} where days_to_first_order < 0
