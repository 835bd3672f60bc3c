"""What dbt wrote, read leniently and typed: the manifest, the run results, rows of suites."""
