"""The audit trail as pages in a browser of this machine: read-only, on loopback, with nothing from elsewhere."""
