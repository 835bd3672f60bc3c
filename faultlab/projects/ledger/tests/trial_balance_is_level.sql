select * from {{ ref('mart_trial_balance') }} where abs(month_net_eur) > 1
