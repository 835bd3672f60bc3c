"""All that knows dbt: compiling rules to tests, running dbt, reading what it wrote, the graph, and results."""
