select * from {{ ref('fct_journals') }} where abs(imbalance_eur) > 0.05
