with email as (
    select
        ticket_id,
        try_cast(score as integer) as score,
        answered_at
    from {{ source('raw', 'email_surveys') }}
),

chat as (
    select
        try_cast(replace(ticket_ref, 'T-', '') as bigint) as ticket_id,
        try_cast(rating as integer) as score,
        answered_at
    from {{ source('raw', 'chat_surveys') }}
)

select ticket_id, score, answered_at from email
union
select ticket_id, score, answered_at from chat
