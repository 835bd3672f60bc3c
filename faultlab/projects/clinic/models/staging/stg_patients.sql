with versions as (
    select
        id as patient_id,
        trim(full_name) as patient_name,
        try_strptime(birth_date, '%Y-%m-%d')::date as birth_date,
        case sex when 'F' then 'female' when 'M' then 'male' else 'unknown' end as sex,
        city,
        row_number() over (partition by id order by updated_at desc) as version
    from {{ source('raw', 'patients') }}
)

select
    patient_id,
    patient_name,
    birth_date,
    sex,
    city
from versions
where version = 1
