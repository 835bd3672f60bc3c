select city, day, ledger_trips, trips, difference
from {{ ref('city_ledger_check') }}
where abs(difference) > 0.5 or trips <> ledger_trips
