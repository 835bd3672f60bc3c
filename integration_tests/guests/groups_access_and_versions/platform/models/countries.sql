select 'AT' as code union all select 'DE'
