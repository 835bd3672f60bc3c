select *, {{ literal('x') }} as word, '{{ suite("a") }}' as suite_name
from {{ source('raw', 'orders') }}
where amount >= {{ var('low') }} or status in ('{{ var("known_statuses") | join("', '") }}')
