"""What each rule of examples/flights counts, said again in plain SQL over the raw tables: no model, no rule, no macro.

A rule that is not here has no failing row.
"""

from __future__ import annotations

UNKNOWN_PLANE = "tailnum is not null and tailnum not in (select tailnum from planes)"
TERRITORY = "dest not in (select faa from airports)"

FAILING = {
    "flights_plane_is_known": f"select count(*) from flights where {UNKNOWN_PLANE}",
    "flights_destination_is_known": f"select count(*) from flights where {TERRITORY}",
    "flights_tail_number_is_a_registration": r"""
        select count(*) from flights
        where not regexp_full_match(tailnum, 'N[1-9]\d{0,4}|N[1-9]\d{0,3}[A-HJ-NP-Z]|N[1-9]\d{0,2}[A-HJ-NP-Z]{2}')""",
    "flights_landed_after_arriving": "select count(*) from flights where arr_time > 0 and air_time is null",
    "flights_speed_is_possible": "select count(*) from flights where distance > 10 * air_time or distance < air_time",
    "flights_clock_ends_at_2359": "select count(*) from flights where dep_time = 2400",
    "flights_one_plane_one_place": """
        with flown as (
            select
                tailnum,
                make_timestamp(year, month, day, hour, minute, 0) + to_minutes(dep_delay) as left_at,
                left_at + to_minutes(air_time) as landed_at
            from flights where tailnum is not null and air_time is not null
        )
        select count(*) from flown as later asof join flown as before
        on later.tailnum = before.tailnum and later.left_at > before.left_at
        where later.left_at < before.landed_at""",
    "flights_have_weather": """
        select count(*) from flights
        where (origin, time_hour) not in (select (origin, time_hour) from weather)""",
    "flights_cancelled": "select count(*) from flights where dep_time is null",
    "planes_airline_size": "select count(*) from planes where seats < 19",
    "planes_are_no_helicopters": "select count(*) from planes where type = 'Rotorcraft'",
    "planes_a321_seats": "select count(*) from planes where model[1:4] = 'A321' and seats > 220",
    "planes_built_since_1960": "select count(*) from planes where year < 1960",
    "planes_year_mostly_known": "select count(*) - count(year) from planes",
    "weather_wind_is_possible": "select count(*) from weather where wind_speed > 253",
    "weather_pressure_known": "select count(*) - count(pressure) from weather",
    "weather_wind_has_a_direction": "select count(*) from weather where wind_dir is null and wind_speed > 0",
    "weather_one_reading_per_clock_hour": "select count(*) - count(distinct (origin, month, day, hour)) from weather",
    "weather_every_hour": "select (count(*) <> 3 * 365 * 24)::integer from weather",
    "weather_no_lone_jumps": """
        select count(*) from weather as w
        asof join weather as b on b.origin = w.origin and b.time_hour < w.time_hour
        asof join weather as a on a.origin = w.origin and a.time_hour > w.time_hour
        where abs(w.temp - b.temp) > 20 and abs(w.temp - a.temp) > 20""",
    "airports_longitude": "select count(*) from airports where lon > -64 and faa <> 'SYA'",
    "airports_american_time_zone": "select count(*) from airports where tzone like 'Asia/%'",
    "raw_airports_tzone_null_percentage_below": "select count(*) - count(tzone) from airports",
    "raw_airports_name_duplicate_percentage_below": "select count(*) - count(distinct name) from airports",
    "routes_have_a_name": f"select count(distinct (origin, dest, month)) from flights where {TERRITORY}",
    "seats_planes_are_known": """
        select count(*) from (
            select carrier, month, avg(case when tailnum in (select tailnum from planes) then 1 else 0 end) as known
            from flights where dep_time is not null group by carrier, month
        ) where known < 0.9""",
}
"""By rule id: a query over the raw tables that gives the number of failing rows."""
