"""Other people's descriptions of data: Croissant."""
