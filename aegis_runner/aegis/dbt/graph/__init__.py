"""What the manifest says of the project: its nodes, how data flows, what tests ask."""
