select * from {{ ref('fct_attribution') }} where minutes_into_session < 0
