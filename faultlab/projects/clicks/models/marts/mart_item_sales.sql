with items as (
    select
        purchase_id,
        count(distinct sku) as items,
        sum(quantity * unit_price) as item_revenue
    from {{ ref('int_purchase_items') }}
    group by purchase_id
)

select
    cast(p.purchased_at as date) as sold_on,
    count(*) as purchases,
    sum(i.items) as items,
    sum(i.item_revenue) as item_revenue,
    sum(p.amount) as booked_revenue
from {{ ref('stg_purchases') }} as p
left join items as i on p.purchase_id = i.purchase_id
group by 1
