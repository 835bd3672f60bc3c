select
    visit_id,
    count(*) as treatments,
    round(sum(units * unit_price), 2) as charged
from {{ ref('stg_treatments') }}
group by visit_id
