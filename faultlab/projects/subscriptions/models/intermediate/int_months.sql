select cast(month_start as date) as month
from (
    select unnest(generate_series(timestamp '2024-02-01', timestamp '2025-09-01', interval 1 month)) as month_start
) as spine
