"""Server-rendered pages of the dashboard."""
