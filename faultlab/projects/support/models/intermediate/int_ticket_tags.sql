with split as (
    select
        ticket_id,
        unnest(string_split(tags, ',')) as tag,
        generate_subscripts(string_split(tags, ','), 1) as position
    from {{ ref('stg_tickets') }}
    where tags is not null
)

select
    md5(concat_ws('-', s.ticket_id, s.tag)) as ticket_tag_id,
    s.ticket_id,
    s.tag,
    s.position,
    t.topic
from split as s
left join {{ ref('tag_topics') }} as t on s.tag = t.tag
