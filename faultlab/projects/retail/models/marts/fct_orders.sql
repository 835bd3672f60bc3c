with priced as (
    select
        o.order_id,
        o.customer_id,
        o.store_id,
        o.status,
        o.channel,
        o.ordered_on,
        p.promotion_id,
        coalesce(t.items, 0) as items,
        coalesce(t.gross_amount, 0) as gross_amount,
        round(coalesce(t.gross_amount, 0) * coalesce(p.discount_rate, 0), 2) as discount_amount
    from {{ ref('stg_orders') }} as o
    left join {{ ref('int_order_totals') }} as t
        on o.order_id = t.order_id
    left join {{ ref('stg_promotions') }} as p
        on o.promotion_code = p.promotion_code
        and o.ordered_on between p.starts_on and p.ends_on
)

select
    priced.*,
    priced.gross_amount - priced.discount_amount as net_amount,
    coalesce(pay.paid_amount, 0) as paid_amount,
    pay.last_paid_at
from priced
left join {{ ref('int_order_payments') }} as pay
    on priced.order_id = pay.order_id
