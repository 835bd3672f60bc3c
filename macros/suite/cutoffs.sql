{#-
  `since` becomes a literal, so that the statement compares the bare time column with a constant and partitions
  are pruned: '7 days' counts back from the start of the run (UTC), 'last_success' from the start of the last run
  in which the rule passed, which the history table knows. Returns the rules with `cutoff`, or `error`, added.
-#}
{% macro with_cutoffs(rules) %}
    {%- set dated = [] -%}
    {%- for rule in rules -%}
        {%- if rule['since'] is defined and rule['since'] is not none -%}
            {%- set added = {} -%}
            {%- do added.update(rule) -%}
            {%- if rule['since'] == 'last_success' -%}
                {%- if var('aegis_history', false) -%}
                    {%- do added.update({'cutoff': aegis.last_success(rule['id'])}) -%}
                {%- else -%}
                    {%- do added.update({'error': "since: last_success reads the history table; set the variable aegis_history to true"}) -%}
                {%- endif -%}
            {%- else -%}
                {%- do added.update({'cutoff': aegis.counted_back(rule['since'])}) -%}
            {%- endif -%}
            {%- do dated.append(added) -%}
        {%- else -%}
            {%- do dated.append(rule) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(dated) -}}
{% endmacro %}

{#- '7 days' before the start of this run, as an ISO timestamp with its offset. -#}
{% macro counted_back(since) %}
    {%- set words = since.split(' ') -%}
    {%- set seconds = {'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400, 'week': 604800}[words[1].rstrip('s')] -%}
    {%- set moment = run_started_at - modules.datetime.timedelta(seconds=(words[0] | int) * seconds) -%}
    {{- return(moment.strftime('%Y-%m-%d %H:%M:%S') ~ '+00:00') -}}
{% endmacro %}
