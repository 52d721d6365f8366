"""Where rows stand: DuckDB or PostgreSQL, each one `Store`; rows and cursor move together."""
