"""The user's project: its settings, its profile, and the few files that Aegis writes into it."""
