"""Watch: streams, monitors, alerts and responses."""
