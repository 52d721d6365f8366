"""Data: first mile (imaging, trials, sensors), quality, sharing, erasure."""
