"""Projects and targets of our own: for a database without a project, and for trying a fix of a file."""
