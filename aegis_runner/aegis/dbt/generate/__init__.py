"""Rules made from what a dbt project has already: its tests, its contracts, its columns."""
