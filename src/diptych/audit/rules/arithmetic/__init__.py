"""Numbers that wrap, lose digits or round the wrong way."""
