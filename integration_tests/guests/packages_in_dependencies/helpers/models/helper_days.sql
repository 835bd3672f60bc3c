select {{ literal('monday') }} as day, 1 as position
