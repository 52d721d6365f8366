"""From the syntax tree to the program graph."""
