with driven as (
    select
        driver_id,
        count(*) as trips,
        avg(stars) as average_stars,
        sum(revenue_eur) as revenue_eur,
        max(local_date) as last_trip_on
    from {{ ref('fct_trips') }}
    group by driver_id
)

select
    d.driver_id,
    d.driver_name,
    d.permit,
    d.state,
    d.joined_on,
    coalesce(t.trips, 0) as trips,
    coalesce(t.revenue_eur, 0) as revenue_eur,
    round(t.average_stars, 2) as average_stars,
    case
        when t.average_stars >= 4.3 then 'gold'
        when t.average_stars >= 3.8 then 'silver'
        when t.average_stars is not null then 'bronze'
        else 'new'
    end as tier
from {{ ref('stg_drivers') }} as d
left join driven as t on d.driver_id = t.driver_id
