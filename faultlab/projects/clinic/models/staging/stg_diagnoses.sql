select
    d.visit_id,
    d.position,
    d.code,
    c.title,
    c.chapter
from {{ source('raw', 'visit_diagnoses') }} as d
left join {{ ref('diagnosis_codes') }} as c
    on d.code = c.code
