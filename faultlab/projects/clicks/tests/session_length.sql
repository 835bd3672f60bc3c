{{ config(severity='warn') }}

select * from {{ ref('fct_sessions') }} where minutes not between 0 and 120
