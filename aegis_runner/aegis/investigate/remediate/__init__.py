"""Fixes that are tried: drafted, run on a copy of the table, and judged by what they did there."""
