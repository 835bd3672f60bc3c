select
    a.account_no,
    a.account_name,
    t.account_type,
    t.statement,
    a.currency,
    a.opened_on
from {{ ref('accounts') }} as a
left join {{ ref('account_types') }} as t on a.type_code = t.type_code
