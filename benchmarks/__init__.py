"""The same ten checks a table, by Aegis and by what one would pick instead."""
