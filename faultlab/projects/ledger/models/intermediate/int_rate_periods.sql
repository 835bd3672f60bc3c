select
    currency,
    eur_rate,
    rate_on as valid_from,
    coalesce(
        lead(rate_on) over (partition by currency order by rate_on),
        date '9999-12-31'
    ) as valid_to
from {{ ref('stg_rates') }}
