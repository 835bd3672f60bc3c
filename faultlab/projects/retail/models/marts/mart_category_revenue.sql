with monthly as (
    select
        date_trunc('month', ordered_on) as sales_month,
        sum(net_line_amount) as month_revenue
    from {{ ref('fct_order_lines') }}
    group by 1
),

by_category as (
    select
        date_trunc('month', l.ordered_on) as sales_month,
        pc.category_id,
        pc.category_name,
        sum(l.net_line_amount * pc.weight) as revenue
    from {{ ref('fct_order_lines') }} as l
    left join {{ ref('int_product_categories') }} as pc on l.product_id = pc.product_id
    group by 1, 2, 3
)

select
    c.sales_month,
    c.category_id,
    c.category_name,
    c.revenue,
    m.month_revenue,
    sum(c.revenue) over (partition by c.sales_month) as allocated_revenue,
    c.revenue / m.month_revenue as share_of_month
from by_category as c
left join monthly as m on c.sales_month = m.sales_month
