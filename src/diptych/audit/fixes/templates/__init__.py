"""Templates: one way to repair one class of fault each."""
