with by_topic as (
    select
        g.topic,
        t.created_week,
        count(distinct t.ticket_id) as tickets,
        avg(t.score) as average_score
    from {{ ref('int_ticket_tags') }} as g
    join {{ ref('fct_tickets') }} as t on g.ticket_id = t.ticket_id
    group by g.topic, t.created_week
),

weeks as (
    select created_week, count(*) as tickets
    from {{ ref('fct_tickets') }}
    group by created_week
)

select
    b.topic || ' ' || b.created_week as topic_week_id,
    b.topic,
    b.created_week,
    b.tickets,
    b.average_score,
    b.tickets / w.tickets as share_of_week,
    rank() over (partition by b.created_week order by b.tickets desc) as place
from by_topic as b
join weeks as w on b.created_week = w.created_week
