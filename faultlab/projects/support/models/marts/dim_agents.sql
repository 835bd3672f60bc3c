select
    a.id as agent_id,
    a.name as agent_name,
    lower(a.email) as email,
    a.state,
    t.id as team_id,
    t.name as team_name
from {{ source('raw', 'agents') }} as a
left join {{ source('raw', 'teams') }} as t on a.team_id = t.id
