select
    origin,
    time_hour as hour_utc,
    make_timestamp(year, month, day, hour, 0, 0) as hour_local,
    temp as temperature,
    dewp as dew_point,
    humid as humidity,
    wind_dir as wind_direction,
    wind_speed,
    wind_gust,
    precip as precipitation,
    pressure,
    visib as visibility
from {{ source('raw', 'weather') }}
