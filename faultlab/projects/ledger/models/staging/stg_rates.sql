with published as (
    select
        currency,
        rate_on,
        eur_rate,
        row_number() over (partition by currency, rate_on order by published_at desc) as publication_rank
    from {{ source('raw', 'rates') }}
)

select currency, rate_on, eur_rate
from published
where publication_rank = 1
