select * from {{ ref('mart_currency_exposure') }} where average_rate not between 0.8 and 1.3
