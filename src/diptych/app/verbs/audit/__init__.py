"""What `diptych audit` does."""
