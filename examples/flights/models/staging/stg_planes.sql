select
    tailnum as tail_number,
    year as built,
    type as aircraft_type,
    manufacturer,
    model,
    engines,
    engine as engine_type,
    seats
from {{ source('raw', 'planes') }}
