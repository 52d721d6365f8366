"""The graph network that judges findings of `diptych audit`, and its table of probabilities."""
