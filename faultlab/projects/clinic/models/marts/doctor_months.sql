with per_month as (
    select
        doctor_id,
        date_trunc('month', starts_at)::date as month,
        count(*) as appointments,
        sum(case when outcome = 'completed' then 1 else 0 end) as completed,
        sum(case when outcome = 'cancelled' then 1 else 0 end) as cancelled,
        sum(case when outcome = 'no_show' then 1 else 0 end) as no_shows
    from {{ ref('fct_appointments') }}
    group by doctor_id, date_trunc('month', starts_at)::date
)

select
    m.doctor_id || '-' || strftime(m.month, '%Y-%m') as doctor_month_id,
    m.doctor_id,
    d.specialty,
    m.month,
    m.appointments,
    m.completed,
    m.cancelled,
    m.no_shows,
    m.no_shows / m.appointments as no_show_rate,
    rank() over (partition by d.specialty, m.month order by m.completed desc) as place_in_specialty
from per_month as m
left join {{ source('raw', 'doctors') }} as d on m.doctor_id = d.id
