"""The fault laboratory: faults of many kinds put into dbt projects at known nodes, and Aegis asked where they began.

It sees what a user's Aegis sees: the target folder, the warehouse as built, and the manifest of an earlier good run.
"""
