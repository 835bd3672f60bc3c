"""Rules as suites: bound to tables, written as files, rendered as statements."""
