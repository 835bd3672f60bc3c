{{ config(materialized='table') }}

with flights as (

    select
        *,
        -- A flight number leaves an airport once a day at most.
        strftime(make_date(year, month, day), '%Y-%m-%d') || '/' || carrier || flight || '/' || origin as flight_id,
        make_timestamp(year, month, day, hour, minute, 0) as scheduled_at
    from {{ source('raw', 'flights') }}

),

timed as (

    -- The delay tells the day of departure, which the clock time alone does not.
    select *, scheduled_at + dep_delay * interval 1 minute as departed_at from flights

)

select
    flight_id,
    make_date(year, month, day) as flight_date,
    carrier,
    flight as flight_number,
    tailnum as tail_number,
    origin,
    dest as destination,
    time_hour as hour_utc,
    scheduled_at,
    departed_at,
    departed_at + air_time * interval 1 minute as landed_at,
    dep_time as departure_clock,
    arr_time as arrival_clock,
    dep_delay as departure_delay,
    arr_delay as arrival_delay,
    air_time as air_minutes,
    distance as miles,
    round(distance * 60.0 / air_time, 1) as miles_per_hour,
    dep_time is null as is_cancelled
from timed
