select * from {{ ref('mart_statement_check') }} where abs(difference) > 0.005
