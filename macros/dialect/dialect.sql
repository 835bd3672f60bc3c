{#-
  What every statement needs to know of its warehouse's SQL, looked up once for each statement (a look-up by
  adapter.dispatch costs as much as ten concatenations, and a table has many rules). {} stands for the operand.

    text                type for text of any length
    double              type for double precision
    mark, mark_in_name  what stands around an identifier, and what stands for that mark inside it
    apostrophe, backslash, newline   how these three characters are written inside a text literal
    escape              what stands before a literal that has a backslash, so that no setting changes what it says
    count_if            how many rows make {} true (0, or NULL for no rows)
    first_keys          a few of the smallest {key} where {condition}, as the text of a JSON array, taken while the
                        scan runs; none where the warehouse cannot bound such an aggregate
    keys                the same of all rows
    key_list            several {keys}, texts all of them, as one key
    is_nan, is_finite   of a float, and of the exact types among nan_types
    unknown_is_nan, unknown_is_finite   of a value of a type that the warehouse was not queried; none where it always is
    float_key           a float as a key: JSON has no NaN and no infinity
    families            of the types that most columns have, by the warehouse's own names (see type_family)
    outcome, distinct_places, regex_found, same   the macros of these names for this warehouse
-#}
{% macro dialect() %}
    {{- return(adapter.dispatch('aegis_dialect', 'aegis')()) -}}
{% endmacro %}

{% macro default__aegis_dialect() %}
    {%- set mark = adapter.quote('x')[:1] -%}
    {{- return({
        'text': 'varchar', 'double': 'double', 'mark': mark, 'mark_in_name': mark ~ mark,
        'apostrophe': "''", 'backslash': '\\', 'newline': '\n', 'escape': '',
        'count_if': 'count(case when {} then 1 end)', 'first_keys': none, 'keys': none, 'key_list': none,
        'is_nan': 'is_nan({})', 'is_finite': 'is_finite({})', 'nan_types': [], 'unknown_is_nan': none, 'unknown_is_finite': none, 'float_key': '{}', 'families': {},
        'outcome': aegis.default__aegis_outcome, 'distinct_places': aegis.default__aegis_distinct_places, 'regex_found': aegis.default__aegis_regex_found,
        'same': aegis.default__aegis_same,
    }) -}}
{% endmacro %}

{#-
  count_if costs a third of count(*) filter (…). min(x, 5) keeps five values in a heap:
  nearly free beside the scan.
-#}
{% macro duckdb__aegis_dialect() %}
    {{- return({
        'text': 'varchar', 'double': 'double', 'mark': '"', 'mark_in_name': '""',
        'apostrophe': "''", 'backslash': '\\', 'newline': '\n', 'escape': '',
        'count_if': 'count_if({})',
        'first_keys': 'to_json(min({key}, 5) filter (where {condition}))::varchar', 'keys': 'to_json(min({key}, 5))::varchar', 'key_list': '[{keys}]',
        'is_nan': 'isnan({})', 'is_finite': 'isfinite({})',
        'nan_types': [], 'unknown_is_nan': none, 'unknown_is_finite': none,
        'float_key': "case when isfinite({}) then to_json({}) when isnan({}) then '\"NaN\"'::json when {} > 0 then '\"Infinity\"'::json when {} < 0 then '\"-Infinity\"'::json end",
        'families': {'INTEGER': 'number', 'BIGINT': 'number', 'VARCHAR': 'text', 'DATE': 'temporal', 'TIMESTAMP': 'temporal', 'BOOLEAN': 'boolean', 'DOUBLE': 'float'},
        'outcome': aegis.duckdb__aegis_outcome, 'distinct_places': aegis.duckdb__aegis_distinct_places, 'regex_found': aegis.duckdb__aegis_regex_found,
        'same': aegis.duckdb__aegis_same,
    }) -}}
{% endmacro %}

{#- No bounded list aggregate: the smallest and the largest key. -#}
{% macro postgres__aegis_dialect() %}
    {{- return({
        'text': 'text', 'double': 'double precision', 'mark': '"', 'mark_in_name': '""',
        'apostrophe': "''", 'backslash': '\\\\', 'newline': '\n', 'escape': 'E',
        'count_if': 'count(*) filter (where {})',
        'first_keys': '(case when min({key}) filter (where {condition}) = max({key}) filter (where {condition}) '
            ~ 'then jsonb_build_array(min({key}) filter (where {condition})) '
            ~ 'else jsonb_build_array(min({key}) filter (where {condition}), max({key}) filter (where {condition})) end)::text',
        'keys': '(case when min({key}) = max({key}) then jsonb_build_array(min({key})) else jsonb_build_array(min({key}), max({key})) end)::text',
        'key_list': 'array[{keys}]',
        'is_nan': "{} = 'NaN'", 'is_finite': "{} not in ('NaN', 'Infinity', '-Infinity')",
        'nan_types': ['numeric', 'decimal'], 'unknown_is_nan': "cast({} as text) = 'NaN'",
        'unknown_is_finite': "cast({} as text) not in ('NaN', 'Infinity', '-Infinity')", 'float_key': '{}',
        'families': {'integer': 'number', 'bigint': 'number', 'numeric': 'number', 'text': 'text', 'date': 'temporal', 'boolean': 'boolean',
            'timestamp without time zone': 'temporal', 'timestamp with time zone': 'temporal', 'double precision': 'float'},
        'outcome': aegis.postgres__aegis_outcome, 'distinct_places': aegis.default__aegis_distinct_places, 'regex_found': aegis.postgres__aegis_regex_found,
        'same': aegis.default__aegis_same,
    }) -}}
{% endmacro %}

{#- Backslash escapes inside literals and identifiers; no line break inside a literal. -#}
{% macro bigquery__aegis_dialect() %}
    {{- return({
        'text': 'string', 'double': 'float64', 'mark': '`', 'mark_in_name': '\\`',
        'apostrophe': "\\'", 'backslash': '\\\\', 'newline': '\\n', 'escape': '',
        'count_if': 'countif({})',
        'first_keys': 'to_json_string(array_agg(if({condition}, {key}, null) ignore nulls limit 5))',
        'keys': 'to_json_string(array_agg({key} ignore nulls limit 5))',
        'key_list': 'to_json_string([{keys}])',
        'is_nan': 'is_nan({})', 'is_finite': '(not is_nan({}) and not is_inf({}))', 'nan_types': [], 'unknown_is_nan': none, 'unknown_is_finite': none, 'float_key': '{}', 'families': {},
        'outcome': aegis.default__aegis_outcome, 'distinct_places': aegis.default__aegis_distinct_places, 'regex_found': aegis.bigquery__aegis_regex_found,
        'same': aegis.default__aegis_same,
    }) -}}
{% endmacro %}

{% macro spark__aegis_dialect() %}
    {{- return({
        'text': 'string', 'double': 'double', 'mark': '`', 'mark_in_name': '``',
        'apostrophe': "\\'", 'backslash': '\\\\', 'newline': '\n', 'escape': '',
        'count_if': 'count_if({})',
        'first_keys': 'to_json(array_distinct(array(min(case when {condition} then {key} end), max(case when {condition} then {key} end))))',
        'keys': 'to_json(array_distinct(array(min({key}), max({key}))))',
        'key_list': 'array({keys})',
        'is_nan': 'isnan({})', 'is_finite': "(not isnan({}) and abs({}) <> double('Infinity'))", 'nan_types': [], 'unknown_is_nan': none, 'unknown_is_finite': none, 'float_key': '{}', 'families': {},
        'outcome': aegis.default__aegis_outcome, 'distinct_places': aegis.default__aegis_distinct_places, 'regex_found': aegis.spark__aegis_regex_found,
        'same': aegis.spark__aegis_same,
    }) -}}
{% endmacro %}

{% macro databricks__aegis_dialect() %}
    {{- return(aegis.spark__aegis_dialect()) -}}
{% endmacro %}
