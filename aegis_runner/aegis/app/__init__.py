"""Use cases. Each is one short function: the map of the program. Doors call them and render what they return."""
