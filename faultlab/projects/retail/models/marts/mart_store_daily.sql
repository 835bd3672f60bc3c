with daily as (
    select
        store_id,
        ordered_on,
        count(*) as orders,
        count(distinct customer_id) as customers,
        sum(net_amount) as revenue,
        sum(paid_amount) as paid
    from {{ ref('fct_orders') }}
    group by store_id, ordered_on
)

select
    s.id || '-' || d.ordered_on as store_day_key,
    d.store_id,
    s.name as store_name,
    s.city,
    s.region,
    d.ordered_on,
    d.orders,
    d.customers,
    d.revenue,
    d.paid,
    sum(d.revenue) over (partition by d.store_id order by d.ordered_on) as revenue_to_date
from daily as d
left join {{ source('raw', 'stores') }} as s on d.store_id = s.id
