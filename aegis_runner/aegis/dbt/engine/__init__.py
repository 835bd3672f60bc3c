"""The user's dbt: which one it is, and how it is run."""
