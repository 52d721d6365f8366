"""The learned part: a graph network's word on what rules found, and a probability for each."""
