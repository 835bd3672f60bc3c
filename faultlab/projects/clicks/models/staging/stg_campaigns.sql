select
    id as campaign_id,
    lower(code) as campaign_code,
    title,
    channel
from {{ source('raw', 'campaigns') }}
