with answered as (
    select
        agent_id,
        count(*) as answers,
        avg(score) as average_score,
        sum(case when score >= 4 then 1 else 0 end) / count(*) as satisfied_share
    from {{ ref('fct_tickets') }}
    where score is not null
    group by agent_id
)

select
    a.agent_id,
    a.agent_name,
    a.team_name,
    coalesce(s.answers, 0) as answers,
    s.average_score,
    s.satisfied_share,
    rank() over (partition by a.team_name order by s.average_score desc nulls last) as place_in_team
from {{ ref('dim_agents') }} as a
left join answered as s on a.agent_id = s.agent_id
