with deliveries as (
    select
        *,
        row_number() over (partition by id order by loaded_at desc) as delivery_rank
    from {{ source('raw', 'events') }}
)

select
    id as event_id,
    visitor_id,
    case event_code
        when 'pv' then 'page_view'
        when 'cl' then 'click'
        when 'ca' then 'cart'
        when 'bu' then 'purchase'
        else 'other'
    end as event_name,
    agent,
    json_extract_string(payload, '$.page') as page,
    json_extract_string(payload, '$.campaign') as campaign_code,
    try_cast(json_extract_string(payload, '$.value') as decimal(10, 2)) as purchase_value,
    json_extract_string(payload, '$.tags[*]') as tags,
    happened_at,
    loaded_at
from deliveries
where delivery_rank = 1
