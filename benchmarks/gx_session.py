"""Runs in the environment of Great Expectations: the same checks on data frames."""

import sys

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe

path, rules, *tables = sys.argv[1:]
connection = duckdb.connect(path, read_only=True)
customers = connection.execute("SELECT customer_id FROM customer").df()["customer_id"].tolist()
context = gx.get_context(mode="ephemeral")
source = context.data_sources.add_pandas("bench")
checks = [
    gxe.ExpectColumnValuesToNotBeNull(column="order_id"),
    gxe.ExpectColumnValuesToBeUnique(column="order_id"),
    gxe.ExpectCompoundColumnsToBeUnique(column_list=["customer_id", "line_no"]),
    gxe.ExpectColumnValuesToBeInSet(column="customer_id", value_set=customers),
    gxe.ExpectColumnValuesToBeInSet(column="status", value_set=["placed", "paid", "packed", "shipped", "returned"]),
    gxe.ExpectColumnValuesToNotBeNull(column="email"),
    gxe.ExpectColumnValuesToMatchRegex(column="email", regex="^[^@]+@[^@]+$"),
    gxe.ExpectColumnValuesToBeBetween(column="quantity", min_value=1, max_value=100),
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="gross", column_B="net", or_equal=True),
    gxe.ExpectTableRowCountToBeBetween(min_value=1),
][: int(rules)]
for table in tables:
    batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("all")
    frame = connection.execute(f"SELECT * FROM {table}").df()
    suite = gx.ExpectationSuite(name=table, expectations=checks)
    result = batch.get_batch({"dataframe": frame}).validate(suite)
    if len(result.results) != len(checks):
        sys.exit(f"{table}: {len(result.results)} results of {len(checks)}")
    print(table, [entry.success for entry in result.results])
