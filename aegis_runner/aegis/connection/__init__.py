"""How a dbt project and its warehouse, or a database without a project, is reached."""
