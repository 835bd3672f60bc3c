{% snapshot customers_history %}
{{ config(unique_key='id', strategy='check', check_cols=['email'], target_schema='history') }}
select distinct * from {{ source('raw', 'customers') }}
{% endsnapshot %}
