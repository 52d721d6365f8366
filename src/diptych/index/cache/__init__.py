"""Raw data kept in Parquet, so that a changed manifest replays without an endpoint."""
